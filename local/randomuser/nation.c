/* SPDX-License-Identifier: Apache-2.0 */
#include "local/randomuser/nation.h"

#include "lib/attr.h"

static const struct nation_name us_male[] = {
    {"James", "james"},     {"Robert", "robert"}, {"Michael", "michael"}, {"Samuel", "samuel"},
    {"David", "david"},     {"Marcus", "marcus"}, {"Joseph", "joseph"},   {"Thomas", "thomas"},
    {"Carlos", "carlos"},   {"Daniel", "daniel"}, {"Tyler", "tyler"},     {"Wesley", "wesley"},
    {"Brandon", "brandon"}, {"Leroy", "leroy"},   {"Calvin", "calvin"},   {"Peyton", "peyton"}};
static const struct nation_name us_female[] = {
    {"Mary", "mary"},       {"Patricia", "patricia"}, {"Jennifer", "jennifer"}, {"Linda", "linda"},
    {"Barbara", "barbara"}, {"Susan", "susan"},       {"Jessica", "jessica"},   {"Sarah", "sarah"},
    {"Karen", "karen"},     {"Nancy", "nancy"},       {"Brooklyn", "brooklyn"}, {"Hailey", "hailey"},
    {"Denise", "denise"},   {"Gloria", "gloria"},     {"Tamara", "tamara"},     {"Vivian", "vivian"}};
static const struct nation_name us_last[] = {
    {"Smith", "smith"},     {"Johnson", "johnson"},   {"Williams", "williams"}, {"Brown", "brown"},
    {"Jones", "jones"},     {"Garcia", "garcia"},     {"Miller", "miller"},     {"Davis", "davis"},
    {"Wilson", "wilson"},   {"Anderson", "anderson"}, {"Taylor", "taylor"},     {"Moore", "moore"},
    {"Jackson", "jackson"}, {"Martin", "martin"},     {"Lee", "lee"},           {"Perez", "perez"},
    {"Harris", "harris"},   {"Clark", "clark"},       {"Lewis", "lewis"},       {"Walker", "walker"},
    {"Hall", "hall"},       {"Young", "young"},       {"King", "king"},         {"Wright", "wright"}};
static const struct nation_city us_cities[] = {{"Austin", "Texas"},      {"Denver", "Colorado"},
                                               {"Portland", "Oregon"},   {"Springfield", "Illinois"},
                                               {"Savannah", "Georgia"},  {"Tacoma", "Washington"},
                                               {"Fresno", "California"}, {"Buffalo", "New York"},
                                               {"Tulsa", "Oklahoma"},    {"Mobile", "Alabama"}};
static const char *const us_streets[] = {"Main St",     "Oak Ave",     "Washington Ave", "Park Blvd",
                                         "Lakeview Dr", "Cedar Ln",    "Mill Rd",        "Sunset Blvd",
                                         "Second St",   "Railroad Ave"};

static const struct nation_name gb_male[] = {{"Oliver", "oliver"}, {"Harry", "harry"}, {"George", "george"},
                                             {"Noah", "noah"},     {"Jack", "jack"},   {"Leo", "leo"},
                                             {"Arthur", "arthur"}, {"Alfie", "alfie"}, {"Rhys", "rhys"},
                                             {"Callum", "callum"}, {"Angus", "angus"}, {"Duncan", "duncan"},
                                             {"Gareth", "gareth"}, {"Nigel", "nigel"}, {"Stuart", "stuart"},
                                             {"Ewan", "ewan"}};
static const struct nation_name gb_female[] = {
    {"Olivia", "olivia"}, {"Amelia", "amelia"},   {"Isla", "isla"},       {"Ava", "ava"},
    {"Mia", "mia"},       {"Ivy", "ivy"},         {"Lily", "lily"},       {"Freya", "freya"},
    {"Sian", "sian"},     {"Bronwen", "bronwen"}, {"Fiona", "fiona"},     {"Heather", "heather"},
    {"Imogen", "imogen"}, {"Poppy", "poppy"},     {"Harriet", "harriet"}, {"Moira", "moira"}};
static const struct nation_name gb_last[] = {
    {"Smith", "smith"},         {"Jones", "jones"},       {"Taylor", "taylor"},    {"Brown", "brown"},
    {"Evans", "evans"},         {"Thomas", "thomas"},     {"Roberts", "roberts"},  {"Hughes", "hughes"},
    {"Edwards", "edwards"},     {"Green", "green"},       {"Wood", "wood"},        {"Clarke", "clarke"},
    {"Robertson", "robertson"}, {"Campbell", "campbell"}, {"O'Connor", "oconnor"}, {"Walsh", "walsh"},
    {"Bennett", "bennett"},     {"Fletcher", "fletcher"}, {"Chapman", "chapman"},  {"Barnes", "barnes"}};
static const struct nation_city gb_cities[] = {{"Leeds", "West Yorkshire"},    {"Bristol", "Avon"},
                                               {"Cardiff", "South Glamorgan"}, {"Perth", "Tayside"},
                                               {"Norwich", "Norfolk"},         {"Exeter", "Devon"},
                                               {"Derby", "Derbyshire"},        {"Bangor", "County Down"},
                                               {"Truro", "Cornwall"},          {"Stirling", "Central"}};
static const char *const gb_streets[] = {"High Street", "Station Road", "Church Lane", "Victoria Road",
                                         "The Green",   "Queensway",    "Mill Lane",   "Manor Road",
                                         "Kings Road",  "Park Avenue"};

static const struct nation_name de_male[] = {
    {"Lukas", "lukas"},       {"Jürgen", "juergen"}, {"Günther", "guenther"},  {"Sören", "soeren"},
    {"Matthias", "matthias"}, {"Holger", "holger"},  {"Björn", "bjoern"},      {"Stefan", "stefan"},
    {"Uwe", "uwe"},           {"Jonas", "jonas"},    {"Emil", "emil"},         {"Felix", "felix"},
    {"Karl", "karl"},         {"Heinz", "heinz"},    {"Thorsten", "thorsten"}, {"Moritz", "moritz"}};
static const struct nation_name de_female[] = {
    {"Anna", "anna"},     {"Käthe", "kaethe"},        {"Ursula", "ursula"}, {"Heike", "heike"},
    {"Sabine", "sabine"}, {"Jördis", "joerdis"},      {"Lena", "lena"},     {"Mia", "mia"},
    {"Emma", "emma"},     {"Hannelore", "hannelore"}, {"Birgit", "birgit"}, {"Frieda", "frieda"},
    {"Greta", "greta"},   {"Brünhild", "bruenhild"},  {"Petra", "petra"},   {"Ilse", "ilse"}};
static const struct nation_name de_last[] = {
    {"Müller", "mueller"},   {"Schmidt", "schmidt"}, {"Schneider", "schneider"}, {"Fischer", "fischer"},
    {"Weber", "weber"},      {"Meyer", "meyer"},     {"Wagner", "wagner"},       {"Becker", "becker"},
    {"Schäfer", "schaefer"}, {"Groß", "gross"},      {"Köhler", "koehler"},      {"Krüger", "krueger"},
    {"Böhm", "boehm"},       {"Vogel", "vogel"},     {"Jäger", "jaeger"},        {"Winkler", "winkler"},
    {"Strauß", "strauss"},   {"Roth", "roth"},       {"Lorenz", "lorenz"},       {"Seidel", "seidel"}};
static const struct nation_city de_cities[] = {{"Köln", "Nordrhein-Westfalen"},
                                               {"Lübeck", "Schleswig-Holstein"},
                                               {"Jena", "Thüringen"},
                                               {"Bremen", "Bremen"},
                                               {"Ulm", "Baden-Württemberg"},
                                               {"Passau", "Bayern"},
                                               {"Kassel", "Hessen"},
                                               {"Cottbus", "Brandenburg"},
                                               {"Trier", "Rheinland-Pfalz"},
                                               {"Rostock", "Mecklenburg-Vorpommern"}};
static const char *const de_streets[] = {"Hauptstraße",  "Schulstraße", "Gartenweg",  "Bahnhofstraße",
                                         "Lindenallee",  "Am Mühlbach", "Kirchgasse", "Bergstraße",
                                         "Goethestraße", "Wiesenweg"};

static const struct nation_name fr_male[] = {
    {"Jérôme", "jerome"},   {"François", "francois"}, {"Léo", "leo"},         {"Théo", "theo"},
    {"Raphaël", "raphael"}, {"Gaël", "gael"},         {"Étienne", "etienne"}, {"Loïc", "loic"},
    {"Hugo", "hugo"},       {"Louis", "louis"},       {"Marius", "marius"},   {"Bastien", "bastien"},
    {"Noé", "noe"},         {"Aurélien", "aurelien"}, {"Gaspard", "gaspard"}, {"Yves", "yves"}};
static const struct nation_name fr_female[] = {
    {"Chloé", "chloe"},     {"Zoé", "zoe"},       {"Hélène", "helene"},     {"Maëlys", "maelys"},
    {"Élise", "elise"},     {"Inès", "ines"},     {"Agnès", "agnes"},       {"Léa", "lea"},
    {"Camille", "camille"}, {"Manon", "manon"},   {"Juliette", "juliette"}, {"Océane", "oceane"},
    {"Margaux", "margaux"}, {"Solène", "solene"}, {"Anaïs", "anais"},       {"Odette", "odette"}};
static const struct nation_name fr_last[] = {
    {"Lefèvre", "lefevre"},     {"Dubois", "dubois"},   {"Moreau", "moreau"},   {"Girard", "girard"},
    {"André", "andre"},         {"Mercier", "mercier"}, {"Lemoine", "lemoine"}, {"Béranger", "beranger"},
    {"Gauthier", "gauthier"},   {"Roussel", "roussel"}, {"Noël", "noel"},       {"Fontaine", "fontaine"},
    {"Chevalier", "chevalier"}, {"Legrand", "legrand"}, {"Garnier", "garnier"}, {"Barbier", "barbier"},
    {"Picard", "picard"},       {"Renard", "renard"},   {"Guérin", "guerin"},   {"Le Gall", "legall"}};
static const struct nation_city fr_cities[] = {{"Nîmes", "Gard"},
                                               {"Orléans", "Loiret"},
                                               {"Brest", "Finistère"},
                                               {"Besançon", "Doubs"},
                                               {"Rouen", "Seine-Maritime"},
                                               {"Béziers", "Hérault"},
                                               {"Angers", "Maine-et-Loire"},
                                               {"Pau", "Pyrénées-Atlantiques"},
                                               {"Nancy", "Meurthe-et-Moselle"},
                                               {"Albi", "Tarn"}};
static const char *const fr_streets[] = {"Rue de l'Église",    "Place du Marché", "Avenue Jean Jaurès",
                                         "Rue des Écoles",     "Quai Voltaire",   "Rue Pasteur",
                                         "Boulevard Gambetta", "Rue du Château",  "Chemin Vert",
                                         "Rue Molière"};

static const struct nation_name es_male[] = {
    {"José", "jose"},     {"Ángel", "angel"},     {"Iñaki", "inaki"},   {"Raúl", "raul"},
    {"Andrés", "andres"}, {"Joaquín", "joaquin"}, {"Martín", "martin"}, {"Héctor", "hector"},
    {"Pablo", "pablo"},   {"Sergio", "sergio"},   {"Diego", "diego"},   {"Álvaro", "alvaro"},
    {"Rubén", "ruben"},   {"Nicolás", "nicolas"}, {"Íñigo", "inigo"},   {"Fermín", "fermin"}};
static const struct nation_name es_female[] = {
    {"Lucía", "lucia"},   {"Begoña", "begona"}, {"Sofía", "sofia"},           {"Inés", "ines"},
    {"Rocío", "rocio"},   {"María", "maria"},   {"Nuria", "nuria"},           {"Carmen", "carmen"},
    {"Pilar", "pilar"},   {"Marta", "marta"},   {"Ángela", "angela"},         {"Belén", "belen"},
    {"Mónica", "monica"}, {"Aitana", "aitana"}, {"Concepción", "concepcion"}, {"Elena", "elena"}};
static const struct nation_name es_last[] = {
    {"García", "garcia"},     {"Muñoz", "munoz"},   {"Ibáñez", "ibanez"},   {"Núñez", "nunez"},
    {"Gómez", "gomez"},       {"López", "lopez"},   {"Sánchez", "sanchez"}, {"Peña", "pena"},
    {"Castro", "castro"},     {"Ortega", "ortega"}, {"Rubio", "rubio"},     {"Marín", "marin"},
    {"Serrano", "serrano"},   {"Blanco", "blanco"}, {"Molina", "molina"},   {"Suárez", "suarez"},
    {"Iglesias", "iglesias"}, {"Cano", "cano"},     {"Vidal", "vidal"},     {"Crespo", "crespo"}};
static const struct nation_city es_cities[] = {{"Cádiz", "Andalucía"},
                                               {"Logroño", "La Rioja"},
                                               {"Gijón", "Asturias"},
                                               {"Málaga", "Andalucía"},
                                               {"León", "Castilla y León"},
                                               {"Cáceres", "Extremadura"},
                                               {"Alcoy", "Comunidad Valenciana"},
                                               {"Getafe", "Madrid"},
                                               {"Ávila", "Castilla y León"},
                                               {"Huesca", "Aragón"}};
static const char *const es_streets[] = {"Calle Mayor",       "Calle de Alcalá",          "Avenida de España",
                                         "Calle del Pez",     "Paseo Marítimo",           "Calle Nueva",
                                         "Ronda Norte",       "Plaza de la Constitución", "Calle Ñuño",
                                         "Avenida de América"};

static const struct nation_name nl_male[] = {
    {"Daan", "daan"},     {"Bram", "bram"},     {"Sem", "sem"},       {"Thijs", "thijs"},
    {"Jeroen", "jeroen"}, {"Ruben", "ruben"},   {"Gijs", "gijs"},     {"Maarten", "maarten"},
    {"Joost", "joost"},   {"Wouter", "wouter"}, {"Noël", "noel"},     {"Timo", "timo"},
    {"Floris", "floris"}, {"Koen", "koen"},     {"Sjoerd", "sjoerd"}, {"Hidde", "hidde"}};
static const struct nation_name nl_female[] = {
    {"Anna", "anna"},       {"Sanne", "sanne"}, {"Femke", "femke"},   {"Lotte", "lotte"},
    {"Marieke", "marieke"}, {"Fleur", "fleur"}, {"Noor", "noor"},     {"Roos", "roos"},
    {"Zoë", "zoe"},         {"Eline", "eline"}, {"Maaike", "maaike"}, {"Loïs", "lois"},
    {"Jolijn", "jolijn"},   {"Tess", "tess"},   {"Wilma", "wilma"},   {"Anouk", "anouk"}};
static const struct nation_name nl_last[] = {
    {"de Vries", "devries"},  {"Jansen", "jansen"},    {"van den Berg", "vandenberg"},
    {"Bakker", "bakker"},     {"Visser", "visser"},    {"Smit", "smit"},
    {"Meijer", "meijer"},     {"Mulder", "mulder"},    {"de Groot", "degroot"},
    {"Bos", "bos"},           {"Vos", "vos"},          {"Peters", "peters"},
    {"Hendriks", "hendriks"}, {"van Dijk", "vandijk"}, {"Dekker", "dekker"},
    {"Brouwer", "brouwer"},   {"Koster", "koster"},    {"Prins", "prins"},
    {"Huisman", "huisman"},   {"Postma", "postma"}};
static const struct nation_city nl_cities[] = {{"Zwolle", "Overijssel"},   {"Gouda", "Zuid-Holland"},
                                               {"Assen", "Drenthe"},       {"Hoorn", "Noord-Holland"},
                                               {"Sneek", "Friesland"},     {"Tiel", "Gelderland"},
                                               {"Breda", "Noord-Brabant"}, {"Venlo", "Limburg"},
                                               {"Goes", "Zeeland"},        {"Delfzijl", "Groningen"}};
static const char *const nl_streets[] = {"Molenweg",    "Dorpsstraat",   "Kerkstraat",   "Stationsweg",
                                         "Julianalaan", "Prinsengracht", "Beatrixplein", "Havenkade",
                                         "Schoolpad",   "Lindelaan"};

static const struct nation_name no_male[] = {
    {"Bjørn", "bjorn"},   {"Håkon", "hakon"},       {"Øyvind", "oyvind"}, {"Pål", "pal"},
    {"Magnus", "magnus"}, {"Lars", "lars"},         {"Ole", "ole"},       {"Sverre", "sverre"},
    {"Åge", "age"},       {"Torbjørn", "torbjorn"}, {"Eirik", "eirik"},   {"Sindre", "sindre"},
    {"Henrik", "henrik"}, {"Jørgen", "jorgen"},     {"Odd", "odd"},       {"Trygve", "trygve"}};
static const struct nation_name no_female[] = {
    {"Åse", "ase"},         {"Sølvi", "solvi"}, {"Ingrid", "ingrid"},     {"Astrid", "astrid"},
    {"Marit", "marit"},     {"Tuva", "tuva"},   {"Bjørg", "bjorg"},       {"Målfrid", "malfrid"},
    {"Solveig", "solveig"}, {"Kari", "kari"},   {"Hedda", "hedda"},       {"Gro", "gro"},
    {"Øydis", "oydis"},     {"Silje", "silje"}, {"Ragnhild", "ragnhild"}, {"Vilde", "vilde"}};
static const struct nation_name no_last[] = {
    {"Hansen", "hansen"},   {"Øverland", "overland"}, {"Bråten", "braten"},
    {"Strøm", "strom"},     {"Næss", "naess"},        {"Haugen", "haugen"},
    {"Dahl", "dahl"},       {"Sæther", "saether"},    {"Lien", "lien"},
    {"Bøe", "boe"},         {"Aas", "aas"},           {"Hagen", "hagen"},
    {"Solberg", "solberg"}, {"Moen", "moen"},         {"Tønnessen", "tonnessen"},
    {"Ødegård", "odegard"}, {"Ruud", "ruud"},         {"Vik", "vik"},
    {"Berge", "berge"},     {"Kvåle", "kvale"}};
static const struct nation_city no_cities[] = {{"Tromsø", "Troms"},     {"Ålesund", "Møre og Romsdal"},
                                               {"Bodø", "Nordland"},    {"Hamar", "Innlandet"},
                                               {"Drammen", "Buskerud"}, {"Larvik", "Vestfold"},
                                               {"Stord", "Vestland"},   {"Mandal", "Agder"},
                                               {"Bryne", "Rogaland"},   {"Røros", "Trøndelag"}};
static const char *const no_streets[] = {"Storgata",  "Kirkeveien",     "Bjørkelia",  "Åsveien",
                                         "Sjøgata",   "Skolegata",      "Fjellveien", "Øvre Torggate",
                                         "Elveveien", "Nedre Strandvei"};

static const struct nation_name tr_male[] = {{"Oğuz", "oguz"},   {"Çağlar", "caglar"}, {"İbrahim", "ibrahim"},
                                             {"Şükrü", "sukru"}, {"Mehmet", "mehmet"}, {"Emre", "emre"},
                                             {"Kaan", "kaan"},   {"Ömer", "omer"},     {"Gökhan", "gokhan"},
                                             {"Barış", "baris"}, {"Yiğit", "yigit"},   {"Umut", "umut"},
                                             {"Tolga", "tolga"}, {"Ali", "ali"},       {"Volkan", "volkan"},
                                             {"Işık", "isik"}};
static const struct nation_name tr_female[] = {
    {"Ayşe", "ayse"},   {"Gülşen", "gulsen"}, {"Çiğdem", "cigdem"}, {"Özge", "ozge"},
    {"Elif", "elif"},   {"Zeynep", "zeynep"}, {"Şebnem", "sebnem"}, {"Defne", "defne"},
    {"Tuğba", "tugba"}, {"Yağmur", "yagmur"}, {"Ece", "ece"},       {"Nilüfer", "nilufer"},
    {"İpek", "ipek"},   {"Sıla", "sila"},     {"Leyla", "leyla"},   {"Bahar", "bahar"}};
static const struct nation_name tr_last[] = {{"Yılmaz", "yilmaz"},   {"Öztürk", "ozturk"}, {"Çelik", "celik"},
                                             {"Şahin", "sahin"},     {"Doğan", "dogan"},   {"Koç", "koc"},
                                             {"Aydın", "aydin"},     {"Arslan", "arslan"}, {"Kılıç", "kilic"},
                                             {"Güneş", "gunes"},     {"Kaya", "kaya"},     {"Demir", "demir"},
                                             {"Erdoğdu", "erdogdu"}, {"Tekin", "tekin"},   {"Uçar", "ucar"},
                                             {"Bulut", "bulut"},     {"Polat", "polat"},   {"Özkök", "ozkok"},
                                             {"Akgül", "akgul"},     {"Sezer", "sezer"}};
static const struct nation_city tr_cities[] = {{"İzmir", "İzmir"}, {"Eskişehir", "Eskişehir"},
                                               {"Muğla", "Muğla"}, {"Kütahya", "Kütahya"},
                                               {"Bolu", "Bolu"},   {"Çorum", "Çorum"},
                                               {"Ordu", "Ordu"},   {"Şırnak", "Şırnak"},
                                               {"Uşak", "Uşak"},   {"Sinop", "Sinop"}};
static const char *const tr_streets[] = {"Atatürk Caddesi",   "İstiklal Sokak", "Çınar Sokak",
                                         "Bağdat Caddesi",    "Gül Sokağı",     "Cumhuriyet Bulvarı",
                                         "Şehitler Caddesi",  "Deniz Sokak",    "Okul Yolu",
                                         "Meşrutiyet Caddesi"};

static const struct nation_name ua_male[] = {
    {"Андрій", "andriy"},    {"Богдан", "bogdan"},   {"Тарас", "taras"},   {"Олег", "oleg"},
    {"Ярослав", "yaroslav"}, {"Юрій", "yuriy"},      {"Микола", "mykola"}, {"Євген", "yevgen"},
    {"Ігор", "igor"},        {"Данило", "danylo"},   {"Петро", "petro"},   {"Степан", "stepan"},
    {"Ґедеон", "gedeon"},    {"Любомир", "lyubomyr"}};
static const struct nation_name ua_female[] = {
    {"Оксана", "oksana"},  {"Марія", "mariya"},      {"Соломія", "solomiya"},  {"Юлія", "yuliya"},
    {"Їванна", "yivanna"}, {"Катерина", "kateryna"}, {"Ганна", "ganna"},       {"Леся", "lesya"},
    {"Надія", "nadiya"},   {"Олена", "olena"},       {"Світлана", "svitlana"}, {"Тетяна", "tetyana"},
    {"Ярина", "yaryna"},   {"Зоряна", "zoryana"}};
static const struct nation_name ua_last[] = {
    {"Шевчук", "shevchuk"}, {"Коваль", "koval"},   {"Бондар", "bondar"},   {"Ткачук", "tkachuk"},
    {"Кравець", "kravets"}, {"Мельник", "melnyk"}, {"Лисенко", "lysenko"}, {"Щербак", "shcherbak"},
    {"Гончар", "gonchar"},  {"Їжак", "yizhak"},    {"Сірко", "sirko"},     {"Гайдук", "gayduk"},
    {"Довгань", "dovgan"},  {"Хмара", "khmara"},   {"Дячук", "dyachuk"},   {"Ющук", "yushchuk"}};
static const struct nation_city ua_cities[] = {{"Львів", "Львівська"},      {"Полтава", "Полтавська"},
                                               {"Чернівці", "Чернівецька"}, {"Суми", "Сумська"},
                                               {"Рівне", "Рівненська"},     {"Ужгород", "Закарпатська"},
                                               {"Ніжин", "Чернігівська"},   {"Умань", "Черкаська"},
                                               {"Ізмаїл", "Одеська"},       {"Хуст", "Закарпатська"}};
static const char *const ua_streets[] = {"Садова",    "Шевченка", "Польова", "Лісова",  "Миру",
                                         "Набережна", "Київська", "Вишнева", "Сонячна", "Франка"};

static const struct nation_name ir_male[] = {{"آرش", "arash"},   {"بهرام", "bahram"}, {"داریوش", "dariush"},
                                             {"رضا", "reza"},    {"سهراب", "sohrab"}, {"کیان", "kian"},
                                             {"مهدی", "mahdi"},  {"نیما", "nima"},    {"امیر", "amir"},
                                             {"پارسا", "parsa"}, {"حسین", "hossein"}, {"یاسین", "yasin"}};
static const struct nation_name ir_female[] = {{"آزاده", "azadeh"},   {"پریسا", "parisa"}, {"ژاله", "zhaleh"},
                                               {"سارا", "sara"},      {"شیرین", "shirin"}, {"مریم", "maryam"},
                                               {"نازنین", "nazanin"}, {"هستی", "hasti"},   {"یلدا", "yalda"},
                                               {"فاطمه", "fatemeh"},  {"گلناز", "golnaz"}, {"لیلا", "leila"}};
static const struct nation_name ir_last[] = {
    {"احمدی", "ahmadi"},  {"کریمی", "karimi"},    {"رضایی", "rezaei"},  {"حسینی", "hosseini"},
    {"موسوی", "mousavi"}, {"صالحی", "salehi"},    {"نوری", "nouri"},    {"یزدانی", "yazdani"},
    {"گلشن", "golshan"},  {"پارسیان", "parsian"}, {"قاسمی", "ghasemi"}, {"جعفری", "jafari"},
    {"زارعی", "zarei"},   {"مرادی", "moradi"}};
static const struct nation_city ir_cities[] = {{"شیراز", "فارس"},    {"تبریز", "آذربایجان شرقی"},
                                               {"یزد", "یزد"},       {"رشت", "گیلان"},
                                               {"کرمان", "کرمان"},   {"اهواز", "خوزستان"},
                                               {"ساری", "مازندران"}, {"قزوین", "قزوین"},
                                               {"بوشهر", "بوشهر"},   {"اراک", "مرکزی"}};
static const char *const ir_streets[] = {"آزادی", "ولیعصر", "انقلاب",     "فردوسی", "سعدی",
                                         "حافظ",  "بهار",   "شهید رجایی", "کوهسار", "جمهوری"};

static const struct nation_name br_male[] = {
    {"João", "joao"},         {"Antônio", "antonio"}, {"Luís", "luis"},     {"Caíque", "caique"},
    {"Vinícius", "vinicius"}, {"Otávio", "otavio"},   {"Fábio", "fabio"},   {"Mário", "mario"},
    {"Pedro", "pedro"},       {"Thiago", "thiago"},   {"Rafael", "rafael"}, {"Davi", "davi"},
    {"Murilo", "murilo"},     {"Cauã", "caua"},       {"Gilmar", "gilmar"}, {"Heitor", "heitor"}};
static const struct nation_name br_female[] = {
    {"Letícia", "leticia"},   {"Conceição", "conceicao"}, {"Júlia", "julia"},     {"Flávia", "flavia"},
    {"Patrícia", "patricia"}, {"Vitória", "vitoria"},     {"Lívia", "livia"},     {"Yasmin", "yasmin"},
    {"Beatriz", "beatriz"},   {"Larissa", "larissa"},     {"Sabrina", "sabrina"}, {"Manuela", "manuela"},
    {"Antônia", "antonia"},   {"Rayssa", "rayssa"},       {"Eloá", "eloa"},       {"Ivone", "ivone"}};
static const struct nation_name br_last[] = {
    {"da Silva", "dasilva"},    {"Araújo", "araujo"}, {"Conceição", "conceicao"}, {"Gonçalves", "goncalves"},
    {"Magalhães", "magalhaes"}, {"Simões", "simoes"}, {"Cardoso", "cardoso"},     {"Pereira", "pereira"},
    {"Teixeira", "teixeira"},   {"Moraes", "moraes"}, {"Barbosa", "barbosa"},     {"da Cunha", "dacunha"},
    {"Assunção", "assuncao"},   {"Rocha", "rocha"},   {"Farias", "farias"},       {"Novaes", "novaes"},
    {"Peixoto", "peixoto"},     {"Sá", "sa"},         {"Viana", "viana"},         {"Freitas", "freitas"}};
static const struct nation_city br_cities[] = {{"São Luís", "Maranhão"},
                                               {"Goiânia", "Goiás"},
                                               {"Maceió", "Alagoas"},
                                               {"Joinville", "Santa Catarina"},
                                               {"Belém", "Pará"},
                                               {"Niterói", "Rio de Janeiro"},
                                               {"Cuiabá", "Mato Grosso"},
                                               {"Vitória", "Espírito Santo"},
                                               {"Natal", "Rio Grande do Norte"},
                                               {"Palmas", "Tocantins"}};
static const char *const br_streets[] = {"Rua São João",    "Avenida Brasil",       "Rua das Flores",
                                         "Travessa da Paz", "Rua XV de Novembro",   "Rua Amazonas",
                                         "Alameda Santos",  "Rua Sete de Setembro", "Avenida Getúlio",
                                         "Rua Pará"};

#define LIST(name)                                                                                           \
    {                                                                                                        \
        (name), ARRAY_LENGTH(name)                                                                           \
    }

const struct nation nations[] = {
    {.code = "US",
     .country = "United States",
     .male = LIST(us_male),
     .female = LIST(us_female),
     .last = LIST(us_last),
     .cities = LIST(us_cities),
     .streets = LIST(us_streets),
     .phone = "(###) ###-####",
     .cell = "(###) ###-####",
     .id_name = "SSN",
     .id_value = "###-##-####",
     .postcode = NULL},
    {.code = "GB",
     .country = "United Kingdom",
     .male = LIST(gb_male),
     .female = LIST(gb_female),
     .last = LIST(gb_last),
     .cities = LIST(gb_cities),
     .streets = LIST(gb_streets),
     .phone = "01### ######",
     .cell = "07### ######",
     .id_name = "NINO",
     .id_value = "@@ ## ## ## @",
     .postcode = "@#% #@@"},
    {.code = "DE",
     .country = "Germany",
     .male = LIST(de_male),
     .female = LIST(de_female),
     .last = LIST(de_last),
     .cities = LIST(de_cities),
     .streets = LIST(de_streets),
     .phone = "0###-#######",
     .cell = "017#-#######",
     .id_name = "SVNR",
     .id_value = "## ###### @ ###",
     .postcode = NULL},
    {.code = "FR",
     .country = "France",
     .male = LIST(fr_male),
     .female = LIST(fr_female),
     .last = LIST(fr_last),
     .cities = LIST(fr_cities),
     .streets = LIST(fr_streets),
     .phone = "0#-##-##-##-##",
     .cell = "06-##-##-##-##",
     .id_name = "INSEE",
     .id_value = "############# ##",
     .postcode = NULL},
    {.code = "ES",
     .country = "Spain",
     .male = LIST(es_male),
     .female = LIST(es_female),
     .last = LIST(es_last),
     .cities = LIST(es_cities),
     .streets = LIST(es_streets),
     .phone = "9##-###-###",
     .cell = "6##-###-###",
     .id_name = "DNI",
     .id_value = "########-@",
     .postcode = NULL},
    {.code = "NL",
     .country = "Netherlands",
     .male = LIST(nl_male),
     .female = LIST(nl_female),
     .last = LIST(nl_last),
     .cities = LIST(nl_cities),
     .streets = LIST(nl_streets),
     .phone = "(0###) ######",
     .cell = "(06) ########",
     .id_name = "BSN",
     .id_value = "########",
     .postcode = "#### @@"},
    {.code = "NO",
     .country = "Norway",
     .male = LIST(no_male),
     .female = LIST(no_female),
     .last = LIST(no_last),
     .cities = LIST(no_cities),
     .streets = LIST(no_streets),
     .phone = "########",
     .cell = "9#######",
     .id_name = "FN",
     .id_value = "###########",
     .postcode = "####"},
    {.code = "TR",
     .country = "Turkey",
     .male = LIST(tr_male),
     .female = LIST(tr_female),
     .last = LIST(tr_last),
     .cities = LIST(tr_cities),
     .streets = LIST(tr_streets),
     .phone = "(###)-###-####",
     .cell = "(5##)-###-####",
     .id_name = "",
     .id_value = NULL,
     .postcode = NULL},
    {.code = "UA",
     .country = "Ukraine",
     .male = LIST(ua_male),
     .female = LIST(ua_female),
     .last = LIST(ua_last),
     .cities = LIST(ua_cities),
     .streets = LIST(ua_streets),
     .phone = "(0##) ###-####",
     .cell = "(09#) ###-####",
     .id_name = "",
     .id_value = NULL,
     .postcode = NULL},
    {.code = "IR",
     .country = "Iran",
     .male = LIST(ir_male),
     .female = LIST(ir_female),
     .last = LIST(ir_last),
     .cities = LIST(ir_cities),
     .streets = LIST(ir_streets),
     .phone = "0##-########",
     .cell = "09##-###-####",
     .id_name = "",
     .id_value = NULL,
     .postcode = NULL},
    {.code = "BR",
     .country = "Brazil",
     .male = LIST(br_male),
     .female = LIST(br_female),
     .last = LIST(br_last),
     .cities = LIST(br_cities),
     .streets = LIST(br_streets),
     .phone = "(##) ####-####",
     .cell = "(##) 9####-####",
     .id_name = "CPF",
     .id_value = "###.###.###-##",
     .postcode = NULL},
};

const size_t nation_count = ARRAY_LENGTH(nations);
