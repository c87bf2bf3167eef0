// title: Data that leaves an account
// answers: Which logs, copies, events and messages go to a bucket, queue, bus or account of
//    another owner, to a host or mailbox, or to a bucket that no collected account owns.
// parameter stale (boolean, default false): also what could not be read any more
// column from_id: what gets the data
// column from_name: its name
// column from_type: its CloudFormation type
// column from_account: its account; null where the owner is not known
// column from_region: its region
// column from_labels: its labels
// column to_id: the resource that the data leaves
// column to_name: its name
// column to_type: its CloudFormation type
// column to_account: its account
// column to_region: its region
// column to_labels: its labels
// column relationship: the relationship's type
// column mechanism: which setting
// column verdict: yes; dormant where it is switched off; unknown where the owner is not known
// column why: the reason in one sentence
// column conditions: for unknown, what was not collected
// column guards: controls in the way that do not change the verdict
// column assumes: layers taken as absent because they were invisible
// column evidence: sentences
// column level: read
// column actions: none; the service writes
// severity: medium: an outside party gets what the account records or stores
// needs: s3:bucket, cloudtrail:trail, config:recorder, config:aggregation-authorization,
//    ec2:flow-log, route53:query-logging-config, route53resolver:query-log, elb:load-balancer,
//    elbv2:load-balancer, cloudfront:distribution, redshift:cluster, kafka:cluster, emr:cluster,
//    codebuild:project, bedrock:invocation-logging, athena:workgroup, logs:group,
//    logs:account-settings, logs:destination, oam:link, gd:detector, macie:session, events:rule,
//    events:api-destination, sns:topic, firehose:stream, ecr:registry, dynamodb:table,
//    efs:replication, secretsmanager:replication, backup:plan, dlm:policy, datasync:task,
//    s3:storage-lens, wafv2:web-acl, wafv2:cloudfront-web-acl,
//    network-firewall:firewall, dynamodb:export, rds:export-task, backup:report-plan,
//    ses:configuration-set, logs:delivery, logs:delivery-destination, pipes:pipe
// fix: Ask the receiver's owner; send logs to an account of your own.
MATCH (b)-[r:LOGS_TO|REPLICATES_TO|SENDS_TO]->(a)
WHERE (b.stale_since IS NULL OR $stale = true)
  AND coalesce(a.account_id, r.owner_account_id, '-') <> coalesce(b.account_id, '')
RETURN a.id AS from_id, a.name AS from_name, a.resource_type AS from_type,
       coalesce(a.account_id, r.owner_account_id) AS from_account, a.region AS from_region,
       labels(a) AS from_labels,
       b.id AS to_id, b.name AS to_name, b.resource_type AS to_type,
       b.account_id AS to_account, b.region AS to_region, labels(b) AS to_labels,
       type(r) AS relationship, r.setting AS mechanism,
       CASE WHEN r.active = false THEN 'dormant'
            WHEN 'OutsideAddress' IN labels(a) AND NOT a.name ENDS WITH '.amazonaws.com'
                 AND NOT a.name ENDS WITH '.on.aws' THEN 'yes'
            WHEN coalesce(a.account_id, r.owner_account_id) IS NULL THEN 'unknown'
            ELSE 'yes' END AS verdict,
       CASE WHEN coalesce(a.account_id, r.owner_account_id) IS NULL
            THEN r.says + ' The owner is not known.' ELSE r.says END AS why,
       CASE WHEN coalesce(a.account_id, r.owner_account_id) IS NULL AND r.active = true
                 AND NOT ('OutsideAddress' IN labels(a) AND NOT a.name ENDS WITH '.amazonaws.com'
                          AND NOT a.name ENDS WITH '.on.aws')
            THEN ['not_collected:owner=' + a.id] ELSE [] END AS conditions,
       [] AS guards, [] AS assumes, [r.says] AS evidence, 'read' AS level, [] AS actions
