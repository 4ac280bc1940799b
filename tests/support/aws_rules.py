# SPDX-License-Identifier: Apache-2.0
"""The project's own rules for a rendered template. violations(stack) yields "Resource: what is wrong" for each."""

from support.cloudformation import policy

# What allows more than one resource or action by a `*`, and why it has to.
WILDCARDS = {
    ("Key", "AccountDecidesByIam", "action"): "a key policy without the account's root could never be changed again",
    ("Key", "AccountDecidesByIam", "resource"): "in a key's policy `*` is this key",
    ("Key", "LogGroupsOfThisStack", "resource"): "in a key's policy `*` is this key",
    ("Key", "AlarmsToTheTopic", "resource"): "in a key's policy `*` is this key",
    ("DeliveryRole", "Objects", "resource"): "all objects of one bucket",
    ("TransformRole", "Log", "resource"): "Lambda names its log streams itself; one log group",
    ("InstanceRole", "Log", "resource"): "the log streams of one log group",
    ("FlinkRole", "LogGroups", "resource"): "the service looks the log group up by listing; names only",
}
# Services that take roles, and the condition that keeps them from doing so for somebody else.
DEPUTIES = {
    "lambda.amazonaws.com": "aws:SourceAccount",
    "firehose.amazonaws.com": "sts:ExternalId",
    "kinesisanalytics.amazonaws.com": "aws:SourceArn",
    "pods.eks.amazonaws.com": "aws:SourceAccount",
    # Of another account's role EC2 can make no instance profile, and it sends no condition keys.
    "ec2.amazonaws.com": None,
}


def as_list(value):
    return value if isinstance(value, list) else [value]


def condition_keys(statement):
    return {key for operator in statement.get("Condition", {}).values() for key in operator}


def documents(resource):
    """(kind, policy document) of a resource; kind is trust, permission or resource."""
    properties = resource["Properties"]
    if "AssumeRolePolicyDocument" in properties:
        yield "trust", policy(properties["AssumeRolePolicyDocument"])
    for inline in properties.get("Policies", []):
        yield "permission", policy(inline["PolicyDocument"])
    if "PolicyDocument" in properties:
        yield "resource" if "Bucket" in properties else "permission", policy(properties["PolicyDocument"])
    if "KeyPolicy" in properties:
        yield "resource", policy(properties["KeyPolicy"])


def statements(stack):
    for name, resource in stack["Resources"].items():
        for kind, document in documents(resource):
            for statement in document["Statement"]:
                yield name, kind, statement


def wildcards(stack):
    for name, kind, statement in statements(stack):
        if statement["Effect"] != "Allow":
            continue
        for what in ("Action", "Resource"):
            if any("*" in value for value in as_list(statement.get(what, []))):
                yield name, statement.get("Sid"), what.lower()
        for foreign in ("NotAction", "NotResource", "NotPrincipal"):
            if foreign in statement:
                yield name, statement.get("Sid"), foreign


def trust_of_services(stack):
    for name, kind, statement in statements(stack):
        principal = statement.get("Principal", {})
        if principal == "*" or "*" in as_list(principal.get("AWS", [])):
            if statement["Effect"] == "Allow":
                yield f"{name}: allowed for everybody"
            continue
        for service in as_list(principal.get("Service", [])):
            needed = DEPUTIES.get(service, "aws:SourceAccount")
            keys = condition_keys(statement)
            logs = service.startswith("logs.") and "kms:EncryptionContext:aws:logs:arn" in keys
            if needed and needed not in keys and not logs:
                yield f"{name}: {service} without a condition on {needed}"
        for provider in as_list(principal.get("Federated", [])):
            issuer = provider.split("oidc-provider/", 1)[1]
            equal = statement.get("Condition", {}).get("StringEquals", {})
            if set(equal) != {f"{issuer}:sub", f"{issuer}:aud"}:
                yield f"{name}: web identity without StringEquals on sub and aud"


def encryption(stack):
    resources = stack["Resources"]
    own = "Key" in resources
    for name, resource in resources.items():
        kind, properties = resource["Type"], resource["Properties"]
        if kind == "AWS::KMS::Key" and properties.get("EnableKeyRotation") is not True:
            yield f"{name}: the key does not rotate"
        if kind == "AWS::Kinesis::Stream" and properties.get("StreamEncryption", {}).get("EncryptionType") != "KMS":
            yield f"{name}: the stream is not encrypted"
        if kind == "AWS::S3::Bucket":
            rules = properties.get("BucketEncryption", {}).get("ServerSideEncryptionConfiguration", [])
            used = [rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] for rule in rules]
            if used != ["aws:kms" if own else "AES256"]:
                yield f"{name}: the bucket is encrypted with {used}"
        if kind == "AWS::KinesisFirehose::DeliveryStream":
            if "DeliveryStreamEncryptionConfigurationInput" not in properties:
                yield f"{name}: the delivery stream is not encrypted"
        if own and kind in ("AWS::Logs::LogGroup", "AWS::SNS::Topic"):
            if not properties.get("KmsKeyId", properties.get("KmsMasterKeyId")):
                yield f"{name}: is not encrypted with the stack's key"
        if kind == "AWS::EC2::LaunchTemplate":
            data = properties["LaunchTemplateData"]
            if not all(device["Ebs"].get("Encrypted") for device in data["BlockDeviceMappings"]):
                yield f"{name}: a volume is not encrypted"
            if data.get("MetadataOptions", {}).get("HttpTokens") != "required":
                yield f"{name}: IMDSv1 is possible"


def bucket(stack):
    resources = stack["Resources"]
    for name, resource in resources.items():
        if resource["Type"] != "AWS::S3::Bucket":
            continue
        properties = resource["Properties"]
        blocked = properties.get("PublicAccessBlockConfiguration", {})
        if len(blocked) != 4 or not all(value is True for value in blocked.values()):
            yield f"{name}: can be made public"
        if properties.get("VersioningConfiguration", {}).get("Status") != "Enabled":
            yield f"{name}: has no versions"
        if not any("NoncurrentVersionExpiration" in rule
                   for rule in properties.get("LifecycleConfiguration", {}).get("Rules", [])):
            yield f"{name}: keeps old versions for ever"
        denied = [statement for _, kind, statement in statements(stack) if kind == "resource"
                  and statement["Effect"] == "Deny"
                  and statement.get("Condition", {}).get("Bool", {}).get("aws:SecureTransport") == "false"]
        if not denied:
            yield f"{name}: can be read without TLS"


def retention(stack):
    for name, resource in stack["Resources"].items():
        kind = resource["Type"]
        if kind == "AWS::Logs::LogGroup" and not resource["Properties"].get("RetentionInDays"):
            yield f"{name}: keeps logs for ever"
        if kind == "AWS::Kinesis::Stream" and not resource["Properties"].get("RetentionPeriodHours"):
            yield f"{name}: no retention is said"
        if kind in ("AWS::S3::Bucket", "AWS::KMS::Key"):
            for policy_name, allowed in (("DeletionPolicy", ("Retain", "RetainExceptOnCreate")),
                                         ("UpdateReplacePolicy", ("Retain",))):
                if resource.get(policy_name) not in allowed:
                    yield f"{name}: {policy_name} would delete data"


def network(stack):
    for name, resource in stack["Resources"].items():
        if resource["Type"] == "AWS::EC2::SecurityGroup":
            if resource["Properties"].get("SecurityGroupIngress"):
                yield f"{name}: lets something in"
            if any(rule["IpProtocol"] in ("-1", -1) for rule in resource["Properties"]["SecurityGroupEgress"]):
                yield f"{name}: lets everything out"


def alarms(stack):
    """Each of what can go wrong silently has an alarm, and each alarm tells somebody."""
    found = set()
    for name, resource in stack["Resources"].items():
        if resource["Type"] != "AWS::CloudWatch::Alarm":
            continue
        properties = resource["Properties"]
        metrics = [properties] + [metric["MetricStat"]["Metric"] for metric in properties.get("Metrics", [])
                                  if "MetricStat" in metric]
        found |= {metric["MetricName"] for metric in metrics if "MetricName" in metric}
        if not properties.get("AlarmActions"):
            yield f"{name}: tells nobody"
    wanted = {"GetRecords.IteratorAgeMilliseconds", "WriteProvisionedThroughputExceeded",
              "DeliveryToS3.DataFreshness", "Errors"}
    if "FlinkApplication" in stack["Resources"]:
        wanted.add("fullRestarts")
    for missing in sorted(wanted - found):
        yield f"alarms: none for {missing}"


def violations(stack):
    for name, sid, what in wildcards(stack):
        if (name, sid, what) not in WILDCARDS:
            yield f"{name}: {sid} has a wildcard in its {what}"
    for rule in (trust_of_services, encryption, bucket, retention, network, alarms):
        yield from rule(stack)
