// SPDX-License-Identifier: Apache-2.0
// node validate.js PARAMETERS FILE...: what AWS's validator finds in each template with these parameters (a JSON
// object), one JSON object a line.
import { RegoEngine, TemplateFile } from "@aws/cloudformation-validate";

const engine = new RegoEngine();
const config = { parameterOverrides: JSON.parse(process.argv[2]) };

for (const file of process.argv.slice(3)) {
    for (const finding of engine.validateStandard(new TemplateFile(file), config).diagnostics) {
        console.log(JSON.stringify({ file, ...finding }));
    }
}
engine.free();
