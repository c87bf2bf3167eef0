"""SQS: queues."""

from collector.declare import FollowUp, Item, ListCall, Paginator, ResourceType, Scope

TYPES = (
    ResourceType(
        id="sqs:queue",
        client="sqs",
        scope=Scope.REGIONAL,
        # A queue's URL ends in its owner's account and its name.
        # https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-message-identifiers.html
        arn="arn:{partition}:sqs:{region}:{QueueUrl/-2}:{QueueUrl/-1}",
        lists=(
            # Without a page size the service stops silently at 1,000 queues.
            # https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListQueues.html
            ListCall(
                operation="list_queues",
                result="QueueUrls",
                paging=Paginator(1000),
                wrap="QueueUrl",
            ),
        ),
        follow_ups=(
            FollowUp(
                operation="get_queue_attributes",
                params={"QueueUrl": Item("QueueUrl"), "AttributeNames": ["All"]},
            ),
            FollowUp(operation="list_queue_tags", params={"QueueUrl": Item("QueueUrl")}),
        ),
    ),
)
