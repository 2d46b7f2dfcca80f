# SPDX-License-Identifier: Apache-2.0
"""Rules of EventBridge work beside what is changed about its schedules."""

import json

from tests.local_aws.accounts import Account


def test_an_event_reaches_the_target_of_its_rule(account: Account) -> None:
    """The changes to schedules leave the rules of ministack as they are."""
    events, sqs = (account.aws.client(name) for name in ("events", "sqs"))
    name = account.name("rule")
    queue = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_rule(Name=name, EventPattern=json.dumps({"source": ["shop"]}))
    events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": arn}])

    events.put_events(Entries=[{"Source": "shop", "DetailType": "sale", "Detail": '{"book": 7}'}])

    [message] = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=5)["Messages"]
    assert json.loads(message["Body"])["detail"] == {"book": 7}
