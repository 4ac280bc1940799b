# SPDX-License-Identifier: Apache-2.0
"""aws/template.yaml without AWS: reads a template, and renders it for given parameters as CloudFormation would.

    template = load(text)
    stack = render(template, {"Analytics": "flink", ...})    # Refused: a rule or a parameter says no
    stack["Resources"]["Stream"]["Properties"]["Name"]
"""

import functools
import itertools
import json
import re

import yaml

ACCOUNT, REGION, STACK = "111122223333", "eu-west-1", "userstream"
PSEUDO = {"AWS::AccountId": ACCOUNT, "AWS::Region": REGION, "AWS::Partition": "aws", "AWS::StackName": STACK}
NO_VALUE = object()
IMAGE = "ami-0123456789abcdef0"  # what an SSM parameter of AWS's would hold
# What Ref and GetAtt give for a resource, where that is neither its name property nor made here of its logical id.
NAMED_BY = {"AWS::Kinesis::Stream": "Name", "AWS::KinesisFirehose::DeliveryStream": "DeliveryStreamName",
            "AWS::Lambda::Function": "FunctionName", "AWS::Logs::LogGroup": "LogGroupName",
            "AWS::Logs::LogStream": "LogStreamName", "AWS::KinesisAnalyticsV2::Application": "ApplicationName"}
ARNS = {"AWS::Kinesis::Stream": "arn:aws:kinesis:{region}:{account}:stream/{name}",
        "AWS::KinesisFirehose::DeliveryStream": "arn:aws:firehose:{region}:{account}:deliverystream/{name}",
        "AWS::S3::Bucket": "arn:aws:s3:::{name}",
        "AWS::Lambda::Function": "arn:aws:lambda:{region}:{account}:function:{name}",
        "AWS::KMS::Key": "arn:aws:kms:{region}:{account}:key/{name}",
        "AWS::IAM::Role": "arn:aws:iam::{account}:role/{name}",
        "AWS::IAM::InstanceProfile": "arn:aws:iam::{account}:instance-profile/{name}",
        "AWS::IAM::ManagedPolicy": "arn:aws:iam::{account}:policy/{name}",
        "AWS::SNS::Topic": "arn:aws:sns:{region}:{account}:{name}"}
IDS = {"AWS::EC2::Instance": "i-0123456789abcdef0", "AWS::EC2::LaunchTemplate": "lt-0123456789abcdef0",
       "AWS::KMS::Key": "0a1b2c3d-0123-4567-89ab-0123456789ab"}
REF_IS_ARN = ("AWS::IAM::ManagedPolicy", "AWS::SNS::Topic")


class Refused(Exception):
    """What CloudFormation would answer before it creates anything."""


class Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms: !Ref x is {"Ref": x}, !Sub x {"Fn::Sub": x}."""


def short_form(loader, suffix, node):
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
        if suffix == "GetAtt":
            value = value.split(".", 1)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


Loader.add_multi_constructor("!", short_form)


def load(text):
    return yaml.load(text, Loader)


def parameters_of(template, given):
    """Given values and defaults; Refused where a parameter's own rules are broken."""
    unknown = set(given) - set(template["Parameters"])
    if unknown:
        raise Refused(f"no parameter {sorted(unknown)}")
    values = {}
    for name, rule in template["Parameters"].items():
        if name not in given and "Default" not in rule:
            raise Refused(f"{name} is required")
        value = str(given.get(name, rule.get("Default")))
        if "AllowedValues" in rule and value not in map(str, rule["AllowedValues"]):
            raise Refused(f"{name}={value}: one of {rule['AllowedValues']}")
        if "AllowedPattern" in rule and not re.fullmatch(rule["AllowedPattern"], value):
            raise Refused(f"{name}={value}: {rule['ConstraintDescription']}")
        if rule["Type"] == "Number" and not rule.get("MinValue", 0) <= int(value) <= rule.get("MaxValue", 1 << 62):
            raise Refused(f"{name}={value}: out of range")
        if rule["Type"].startswith("AWS::SSM::"):
            value = IMAGE
        values[name] = int(value) if rule["Type"] == "Number" else value
    return values


class Renderer:
    def __init__(self, template, given):
        self.template = template
        self.given = given
        self.values = {**PSEUDO, **parameters_of(template, given)}

    def condition(self, name):
        return self.value(self.template["Conditions"][name])

    def resource(self, name, what):
        """The physical name or ARN of a resource, which has to exist with these parameters."""
        resource = self.template["Resources"].get(name)
        if resource is None:
            raise Refused(f"no parameter or resource {name}")
        if "Condition" in resource and not self.condition(resource["Condition"]):
            raise Refused(f"{name} is referred to, but is not made with these parameters")
        kind = resource["Type"]
        physical = self.value(resource["Properties"].get(NAMED_BY.get(kind), NO_VALUE))
        physical = name.lower() if physical is NO_VALUE else physical
        physical = IDS.get(kind, physical)
        if what == "Arn" or what == "Ref" and kind in REF_IS_ARN:
            return ARNS[kind].format(region=REGION, account=ACCOUNT, name=physical)
        if what == "Ref":
            return physical
        return {"GroupId": "sg-0123456789abcdef0", "LatestVersionNumber": "1"}[what]

    def reference(self, name):
        if name == "AWS::NoValue":
            return NO_VALUE
        return self.values[name] if name in self.values else self.resource(name, "Ref")

    def substitute(self, argument):
        text, more = argument if isinstance(argument, list) else (argument, {})
        more = {name: self.value(value) for name, value in more.items()}

        def one(match):
            name = match.group(1)
            if name.startswith("!"):
                return f"${{{name[1:]}}}"
            if name in more:
                return str(more[name])
            return str(self.resource(*name.split(".", 1)) if "." in name else self.reference(name))

        return re.sub(r"\$\{([^}]*)}", one, text)

    def function(self, name, argument):
        if name == "Ref":
            return self.reference(argument)
        if name == "Condition":
            return self.condition(argument)
        if name == "Fn::If":
            return self.value(argument[1] if self.condition(argument[0]) else argument[2])
        if name == "Fn::Sub":
            return self.substitute(argument)
        if name == "Fn::GetAtt":
            return self.resource(*argument)
        arguments = self.value(argument)
        if name == "Fn::Equals":
            return str(arguments[0]) == str(arguments[1])
        if name == "Fn::Not":
            return not arguments[0]
        if name in ("Fn::And", "Fn::Or"):
            return (all if name == "Fn::And" else any)(arguments)
        if name == "Fn::Base64":
            return arguments
        raise Refused(f"{name} is not known here")

    def value(self, node):
        if isinstance(node, dict):
            if len(node) == 1 and (next(iter(node)) in ("Ref", "Condition") or next(iter(node)).startswith("Fn::")):
                name, argument = next(iter(node.items()))
                if name != "Condition" or isinstance(argument, str):
                    return self.function(name, argument)
            found = {key: self.value(child) for key, child in node.items()}
            return {key: child for key, child in found.items() if child is not NO_VALUE}
        if isinstance(node, list):
            return [child for child in map(self.value, node) if child is not NO_VALUE]
        return node

    def section(self, name):
        return {key: self.value({field: child for field, child in entry.items() if field != "Condition"})
                for key, entry in self.template[name].items()
                if "Condition" not in entry or self.condition(entry["Condition"])}


def render(template, given):
    """A template without parameters, conditions and references to them: Resources and Outputs."""
    renderer = Renderer(template, given)
    for rule in template.get("Rules", {}).values():
        if renderer.value(rule["RuleCondition"]):
            for assertion in rule["Assertions"]:
                if not renderer.value(assertion["Assert"]):
                    raise Refused(assertion["AssertDescription"])
    return {"AWSTemplateFormatVersion": template["AWSTemplateFormatVersion"],
            "Resources": renderer.section("Resources"), "Outputs": renderer.section("Outputs")}


class Pruner(Renderer):
    """Decides conditions alone; references stay."""

    def substitute(self, argument):
        return {"Fn::Sub": argument}

    def resource(self, name, what):
        return {"Ref": name} if what == "Ref" else {"Fn::GetAtt": [name, what]}

    def reference(self, name):
        return NO_VALUE if name == "AWS::NoValue" else {"Ref": name}

    def function(self, name, argument):
        return {name: argument} if name == "Fn::Base64" else super().function(name, argument)

    def condition(self, name):
        return Renderer(self.template, self.given).condition(name)


def prune(template, given):
    """The template with its conditions decided and without AWS::NoValue, for engines that do not know how to."""
    pruner = Pruner(template, given)
    return {"AWSTemplateFormatVersion": template["AWSTemplateFormatVersion"], "Parameters": template["Parameters"],
            "Resources": pruner.section("Resources"), "Outputs": pruner.section("Outputs")}


# The parameters that decide what is made and how, with values of each side; the others only pass a value on.
CHOICES = {
    "StreamMode": ["PROVISIONED", "ON_DEMAND"],
    "Encryption": ["customer", "aws"],
    "ExpireDays": ["0", "365"],
    "Analytics": ["container", "flink"],
    "FlinkRuntime": ["FLINK-1_20", "FLINK-2_2"],
    "Transform": ["c", "node"],
    "Architecture": ["arm64", "x86_64"],
    "RunsOn": ["none", "eks-irsa", "eks-pod-identity", "ec2"],
    "KafkaBootstrapServers": ["", "b-1.example.com:9092,b-2.example.com:9092"],
    "AlarmEmail": ["", "ops@example.com"],
}
GIVEN = {"ArtifactBucket": "userstream-artifacts-111122223333-eu-west-1", "TransformKey": "newline-arm64-0a1b2c.zip",
         "FlinkKey": "flink-sql-runner-0a1b2c.jar", "ImagesKey": "images-arm64-0a1b2c.tar.gz", "EksCluster": "main",
         "OidcProvider": "oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF", "VpcId": "vpc-0123456789abcdef0",
         "SubnetId": "subnet-0123456789abcdef0"}


def combinations():
    """Every combination of CHOICES, as parameters."""
    for values in itertools.product(*CHOICES.values()):
        yield {**GIVEN, **dict(zip(CHOICES, values))}


@functools.lru_cache(maxsize=1)
def pairs():
    """Few combinations in which every two values of two parameters meet."""
    def met(one):
        return set(itertools.combinations(sorted((name, one[name]) for name in CHOICES), 2))

    everything = [(one, met(one)) for one in combinations()]
    left, chosen = set().union(*(pair for _, pair in everything)), []
    while left:
        one, pair = max(everything, key=lambda candidate: len(candidate[1] & left))
        chosen.append(one)
        left -= pair
    return chosen


def policy(document):
    """A policy document, which may be JSON as text."""
    return json.loads(document) if isinstance(document, str) else document
