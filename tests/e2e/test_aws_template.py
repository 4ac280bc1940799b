# SPDX-License-Identifier: Apache-2.0
"""aws/template.yaml without an account: rendered for every combination of its parameters, held against cfn-lint, AWS's
own validator and the rules of support.aws_rules. Broken on purpose, each way of breaking it is noticed."""

import json
import os
import re
import subprocess

import pytest

from support import aws_rules, moto, node, pypi
from support.cloudformation import CHOICES, GIVEN, IMAGE, Refused, combinations, load, pairs, render
from support.procs import ROOT

TEXT = (ROOT / "aws/template.yaml").read_text()
VALIDATOR = ROOT / "tests/e2e/cloudformation"
IGNORED = {
    "I9001",  # says of every name that changing it makes the resource anew: true, and no finding
}
OF_RENDERING = {"W9002", "W9013"}  # ARNs and accounts as literals, which rendering made of references


@pytest.fixture(scope="module")
def template():
    return load(TEXT)


def cfn_lint(files):
    """{file: [rule]} of everything that cfn-lint has to say, notes included."""
    run = subprocess.run([pypi.environment(moto.REQUIREMENTS) / "bin/cfn-lint", "--include-checks", "I", "--format", "json", *files],
                         check=False, stdout=subprocess.PIPE, timeout=300)
    found = {file: [] for file in files}
    for finding in json.loads(run.stdout or "[]"):
        found[type(files[0])(finding["Filename"])].append(f"{finding['Rule']['Id']} {finding['Message']}")
    return found


def validate(files):
    """The same of @aws/cloudformation-validate. It takes the names of SSM parameters for image ids."""
    folder = node.packages(VALIDATOR)
    images = json.dumps({"Arm64Image": IMAGE, "X86Image": IMAGE})
    run = subprocess.run([node.binary(), folder / "validate.js", images, *files], check=True, stdout=subprocess.PIPE, timeout=300)
    found = {file: [] for file in files}
    for line in run.stdout.splitlines():
        finding = json.loads(line)
        if finding["ruleId"] not in IGNORED:
            found[type(files[0])(finding["file"])].append(f"{finding['ruleId']} {finding['message']}")
    return found


def written(folder, stacks):
    files = []
    for number, stack in enumerate(stacks):
        files.append(folder / f"{number}.json")
        files[-1].write_text(json.dumps(stack, indent=1))
    return files


def test_every_combination_of_parameters_keeps_the_rules(template):
    rendered, used = 0, set()
    for parameters in combinations():
        stack = render(template, parameters)
        assert not list(aws_rules.violations(stack)), parameters
        used |= set(aws_rules.wildcards(stack))
        rendered += 1
    assert rendered == 2048
    assert used == set(aws_rules.WILDCARDS), "an exception that nothing needs"


def test_every_value_of_every_choice_is_tried(template):
    for name, values in CHOICES.items():
        allowed = template["Parameters"][name].get("AllowedValues", values)
        assert sorted(map(str, allowed)) == sorted(values)


def test_linters_find_nothing(template, tmp_path):
    """The template as it is, and a set of stacks in which each two values of two parameters occur together."""
    whole = ROOT / "aws/template.yaml"
    files = written(tmp_path, [render(template, parameters) for parameters in pairs()])
    for check in (cfn_lint, validate):
        found = check([whole, *files])
        assert found.pop(whole) == []
        for what in found.values():
            assert [finding for finding in what if finding.split()[0] not in OF_RENDERING] == []


@pytest.mark.parametrize("change, refusal", [
    ({"Analytics": "flink", "FlinkKey": "none"}, "needs FlinkKey"),
    ({"RunsOn": "eks-irsa", "OidcProvider": ""}, "needs OidcProvider"),
    ({"RunsOn": "eks-irsa", "OidcProvider": "https://oidc.example.com"}, "without https"),
    ({"RunsOn": "eks-pod-identity", "EksCluster": "none"}, "needs EksCluster"),
    ({"RunsOn": "ec2", "SubnetId": "subnet-00000000"}, "needs SubnetId"),
    ({"RunsOn": "ec2", "VpcId": "vpc-00000000"}, "needs VpcId"),
    ({"RunsOn": "ec2", "ImagesKey": "none"}, "needs ImagesKey"),
    ({"RunsOn": "eks"}, "one of"),
    ({"ShardCount": "0"}, "out of range"),
    ({"KafkaBootstrapServers": "kafka"}, "host:port"),
    ({"KafkaBootstrapServers": "k:9092'; rm -rf /;'"}, "host:port"),
    ({"StreamName": "a b"}, "letters"),
    ({"TransformKey": ""}, "empty"),
])
def test_what_does_not_fit_together_is_refused_before_anything_is_made(template, change, refusal):
    with pytest.raises(Refused, match=refusal):
        render(template, {**GIVEN, **change})


def test_the_seeds_settings_are_the_defaults(template):
    stack = render(template, {"ArtifactBucket": "artifacts", "TransformKey": "key"})["Resources"]
    assert stack["Stream"]["Properties"]["ShardCount"] == 1
    s3 = stack["DeliveryStream"]["Properties"]["ExtendedS3DestinationConfiguration"]
    assert s3["BufferingHints"] == {"SizeInMBs": 1, "IntervalInSeconds": 60}
    assert s3["ProcessingConfiguration"]["Processors"][0]["Type"] == "Lambda"
    assert stack["TransformFunction"]["Properties"]["Timeout"] == 60


def test_the_instance_starts_what_the_sql_needs(template, tmp_path):
    """Its script passes shellcheck, holds no unresolved reference, and runs analytics only if Flink does not."""
    for analytics in CHOICES["Analytics"]:
        for kafka in CHOICES["KafkaBootstrapServers"]:
            stack = render(template, {**GIVEN, "RunsOn": "ec2", "Analytics": analytics, "KafkaBootstrapServers": kafka})
            script = stack["Resources"]["InstanceTemplate"]["Properties"]["LaunchTemplateData"]["UserData"]
            assert f"services='fetcher forwarder{' analytics' * (analytics == 'container')}'" in script
            assert f"kafka='{kafka}'" in script and "${" not in script
            file = tmp_path / "user-data.sh"
            file.write_text(script)
            subprocess.run(["shellcheck", file], check=True)


def test_the_template_fits_into_a_request():
    """CloudFormation takes no more without a bucket in between."""
    assert len(TEXT.encode()) <= 51200


def cost(**environment):
    run = subprocess.run([ROOT / "aws/cost"], check=True, stdout=subprocess.PIPE, text=True, env=dict(os.environ, **environment))
    found = re.findall(r"^  (.*?) {2,}([\d,.]+)$", run.stdout, re.M)
    return {name.strip(): float(value.replace(",", "")) for name, value in found}


def test_costs_add_up_and_are_those_of_the_guide():
    guide = (ROOT / "docs/aws.md").read_text()
    for parameters in ("", "StreamMode=ON_DEMAND", "Analytics=flink", "RunsOn=ec2", "Encryption=aws"):
        lines = cost(PARAMETERS=parameters)
        total = lines.pop("together")
        assert abs(sum(lines.values()) - total) < 0.05, parameters
        plain = cost(PARAMETERS="")["together"]
        text = f"| together | {plain:.2f} |" if not parameters else f"| {total - plain:.2f} more |"
        assert text in guide or parameters == "Encryption=aws" and "KMS (`Encryption=customer`) | 1.30" in guide, text
    assert cost(RATE="100")["together"] > plain


def test_outputs_that_others_build_on(template):
    """Names that Helm values and scripts are made of, and where they are there."""
    always = {"Region", "StreamName", "StreamArn", "DeliveryStreamName", "DeliveryStreamArn", "BucketName", "AlarmTopicArn",
              "TransformFunctionName", "Analytics", "RunsOn", "ForwarderPolicyArn", "KeyArn"}
    roles = {"Namespace", "ForwarderServiceAccount", "ForwarderRoleArn"}
    container = {"AnalyticsServiceAccount", "AnalyticsRoleArn"}
    for runs_on, analytics, more in (
            ("none", "container", {"AnalyticsPolicyArn"}), ("none", "flink", {"FlinkApplicationName"}),
            ("eks-irsa", "container", {"AnalyticsPolicyArn"} | roles | container),
            ("eks-pod-identity", "flink", {"FlinkApplicationName"} | roles),
            ("ec2", "container", {"AnalyticsPolicyArn", "InstanceId"})):
        outputs = render(template, {**GIVEN, "RunsOn": runs_on, "Analytics": analytics})["Outputs"]
        assert set(outputs) == always | more


# --- broken on purpose ------------------------------------------------------------------------------------

IRSA_SUB = '''"${OidcProvider}:aud": "sts.amazonaws.com",
              "${OidcProvider}:sub": "system:serviceaccount:${Namespace}:${ForwarderServiceAccount}"'''
# (what is replaced, by what, part of the complaint)
BREAKS_A_RULE = [
    ("Action: [kinesis:DescribeStreamSummary, kinesis:PutRecords]", "Action: kinesis:*", "ForwarderPolicy: Stream has a wildcard"),
    ("Action: [kinesis:DescribeStreamSummary, kinesis:PutRecords]\n            Resource: !GetAtt Stream.Arn",
     'Action: [kinesis:PutRecords]\n            Resource: "*"', "ForwarderPolicy: Stream has a wildcard in its resource"),
    ("Action: s3:GetObject\n", "NotAction: s3:GetObject\n", "InstanceRole: Images has a wildcard in its NotAction"),
    ('Resource: !Sub "arn:${AWS::Partition}:s3:::${ArtifactBucket}/${FlinkKey}"',
     'Resource: !Sub "arn:${AWS::Partition}:s3:::${ArtifactBucket}/*"', "FlinkRole: Code has a wildcard"),
    ("StringEquals: {sts:ExternalId: !Ref AWS::AccountId}", "StringEquals: {aws:PrincipalType: x}", "firehose.amazonaws.com without"),
    ("ArnEquals:\n                aws:SourceArn", "ArnEquals:\n                aws:PrincipalArn", "kinesisanalytics.amazonaws.com without"),
    ("                  aws:SourceAccount: !Ref AWS::AccountId\n", "", "pods.eks.amazonaws.com without"),
    (IRSA_SUB, '"${OidcProvider}:aud": "sts.amazonaws.com"', "ForwarderRole: web identity without"),
    ("EnableKeyRotation: true", "EnableKeyRotation: false", "Key: the key does not rotate"),
    ("EncryptionType: KMS", "EncryptionType: NONE", "Stream: the stream is not encrypted"),
    ("SSEAlgorithm: !If [OwnKey, aws:kms, AES256]", "SSEAlgorithm: AES256", "Bucket: the bucket is encrypted"),
    ("BlockPublicPolicy: true", "BlockPublicPolicy: false", "Bucket: can be made public"),
    ("VersioningConfiguration: {Status: Enabled}", "VersioningConfiguration: {Status: Suspended}", "Bucket: has no versions"),
    ("NoncurrentVersionExpiration: {NoncurrentDays: 30}", "Prefix: x", "Bucket: keeps old versions"),
    ('Bool: {aws:SecureTransport: "false"}', 'Bool: {aws:SecureTransport: "true"}', "Bucket: can be read without TLS"),
    ("RetentionInDays: !Ref LogDays", "LogGroupClass: STANDARD", "TransformLogs: keeps logs for ever"),
    ("KmsMasterKeyId: !If [OwnKey, !GetAtt Key.Arn, !Ref AWS::NoValue]", "FifoTopic: false", "AlarmTopic: is not encrypted"),
    ("DeletionPolicy: RetainExceptOnCreate\n    UpdateReplacePolicy: Retain\n    Properties:\n      PublicAccess",
     "DeletionPolicy: Delete\n    UpdateReplacePolicy: Retain\n    Properties:\n      PublicAccess", "Bucket: DeletionPolicy"),
    ("HttpTokens: required", "HttpTokens: optional", "InstanceTemplate: IMDSv1"),
    ("Encrypted: true", "Encrypted: false", "InstanceTemplate: a volume"),
    ("SecurityGroupEgress:", "SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 0.0.0.0/0}]\n      SecurityGroupEgress:",
     "InstanceSecurityGroup: lets something in"),
    ("MetricName: DeliveryToS3.DataFreshness", "MetricName: DeliveryToS3.Records", "none for DeliveryToS3.DataFreshness"),
    ("AlarmActions: [!Ref AlarmTopic]", "ActionsEnabled: true", "IteratorAgeAlarm: tells nobody"),
]
BREAKS_THE_RENDERING = [
    ("TargetKeyId: !Ref Key", "TargetKeyId: !Ref Kee", "no parameter or resource Kee"),
    ("  KeyAlias:\n    Type: AWS::KMS::Alias\n    Condition: OwnKey", "  KeyAlias:\n    Type: AWS::KMS::Alias",
     "Key is referred to, but is not made"),
    ("- !If [Container, !Ref AnalyticsPolicy, !Ref AWS::NoValue]", "- !Ref AnalyticsPolicy", "AnalyticsPolicy is referred to"),
]
# (what is replaced, by what, rules of which at least one of cfn-lint, of the validator)
BREAKS_A_SCHEMA = [
    ("ShardCount: !If", "ShardsCount: !If", {"E3002"}, {"F3002"}),
    ("!GetAtt Bucket.Arn", "!GetAtt Bucket.Arm", {"E1010"}, {"E9004", "E1010"}),
    ("StreamMode: !Ref StreamMode", "StreamMode: FLEXIBLE", {"E3030"}, {"E3030", "W3030"}),
    ("Runtime: !If [TransformInC, provided.al2023, nodejs22.x]", "Runtime: provided.al2", {"W2531", "E2531"}, {"W2531", "E2531"}),
    ("Type: AWS::KinesisFirehose::DeliveryStream", "Type: AWS::Firehose::DeliveryStream", {"E3006"}, {"F3006", "E3006"}),
    ("      ServiceExecutionRole: !GetAtt FlinkRole.Arn\n", "", {"E3003"}, {"E3003", "F3003"}),
]


def broken(old, new):
    assert old in TEXT, f"the template no longer has: {old}"
    return TEXT.replace(old, new, 1)


@pytest.mark.parametrize("old, new, complaint", BREAKS_A_RULE, ids=[row[2] for row in BREAKS_A_RULE])
def test_a_broken_rule_is_noticed(old, new, complaint):
    template = load(broken(old, new))
    assert any(complaint in found for parameters in pairs() for found in aws_rules.violations(render(template, parameters)))


@pytest.mark.parametrize("old, new, complaint", BREAKS_THE_RENDERING, ids=[row[2] for row in BREAKS_THE_RENDERING])
def test_a_reference_to_what_is_not_made_is_noticed(old, new, complaint):
    template = load(broken(old, new))
    with pytest.raises(Refused, match=re.escape(complaint)):
        for parameters in pairs():
            render(template, parameters)


def test_what_the_schemas_do_not_allow_is_noticed(tmp_path):
    files = []
    for number, (old, new, _, _) in enumerate(BREAKS_A_SCHEMA):
        files.append(tmp_path / f"{number}.yaml")
        files[-1].write_text(broken(old, new))
    linted, validated = cfn_lint(files), validate(files)
    for file, (old, new, of_lint, of_validator) in zip(files, BREAKS_A_SCHEMA):
        for found, expected in ((linted[file], of_lint), (validated[file], of_validator)):
            assert any(rule in what.split()[0] for what in found for rule in expected), (new, found)
