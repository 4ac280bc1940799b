# SPDX-License-Identifier: Apache-2.0
"""A stream of local-aws: read to its end shard by shard, and resharded."""

NAME = "users"


class Stream:
    def __init__(self, aws):
        self.kinesis = aws.client("kinesis", config={"retries": {"total_max_attempts": 10, "mode": "standard"}})

    def shards(self, **options):
        return self.kinesis.list_shards(StreamName=NAME, **options)["Shards"]

    def read_shard(self, shard):
        """(partition key, data, None) of each record, in the shard's order."""
        iterator = self.kinesis.get_shard_iterator(StreamName=NAME, ShardId=shard["ShardId"],
                                                   ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
        records = []
        while iterator:
            answer = self.kinesis.get_records(ShardIterator=iterator)
            records += [(record["PartitionKey"], record["Data"], None) for record in answer["Records"]]
            iterator = answer.get("NextShardIterator")
            if not answer["Records"] and answer["MillisBehindLatest"] == 0:
                break
        return records

    def read(self):
        """All records as a consumer has to read them: a shard after the shards that it came from."""
        left = {shard["ShardId"]: shard for shard in self.shards()}
        records = []
        while left:
            ready = [shard for shard in left.values()
                     if not {shard.get("ParentShardId"), shard.get("AdjacentParentShardId")} & left.keys()]
            for shard in ready:
                records += self.read_shard(left.pop(shard["ShardId"]))
        return records

    def reshard(self, dice, merge):
        """Merges two neighbours of the open shards, or splits one of them in the middle."""
        def first_hash(shard):
            return int(shard["HashKeyRange"]["StartingHashKey"])

        shards = sorted(self.shards(ShardFilter={"Type": "AT_LATEST"}), key=first_hash)
        if merge:
            at = dice.randrange(len(shards) - 1)
            self.kinesis.merge_shards(StreamName=NAME, ShardToMerge=shards[at]["ShardId"],
                                      AdjacentShardToMerge=shards[at + 1]["ShardId"])
        else:
            shard = dice.choice(shards)
            middle = (first_hash(shard) + int(shard["HashKeyRange"]["EndingHashKey"])) // 2
            self.kinesis.split_shard(StreamName=NAME, ShardToSplit=shard["ShardId"], NewStartingHashKey=str(middle))
