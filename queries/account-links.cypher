// title: What one account has of another
// answers: Which account may assume roles of which (trust), use its data, reach its network or
//    manage it: one row for each kind, summed up.
// column from_id: who gets the power, data or reach
// column from_name: its name
// column from_account: its account
// column from_labels: its labels
// column to_id: whose it is
// column to_name: its name
// column to_account: its account
// column to_labels: its labels
// column kind: trust, data, network or management
// column verdict: the strongest: yes, conditional, dormant or unknown
// column why: the strongest in one sentence
// column conditions: under which conditions
// column guards: controls in the way that do not change the verdict
// column assumes: layers taken as absent because they were invisible
// column evidence: sentences, one for each of the strongest
// column count: how many roles, resources or connections link the two
// column definite_count: how many of them surely
// column possible_count: how many of them surely or under conditions
// column examples: ids of the strongest
// severity: info: a summary; mapper trusts and mapper reach have what it sums up
// needs: iam:user, iam:group, iam:role, iam:policy, org:organization, org:root, org:organizational-unit,
//    org:account, org:policy, org:delegated-admin, resource-policies, s3:bucket, s3:account-bpa,
//    ec2:image, ec2:snapshot, ec2:account-guards, rds:db-snapshot, rds:db-cluster-snapshot, ram:share,
//    ec2:vpc, ec2:subnet, ec2:route-table, ec2:security-group, ec2:network-acl, ec2:network-interface, ec2:vpc-peering,
//    ec2:transit-gateway, ec2:transit-gateway-attachment, ec2:transit-gateway-route-table,
//    ec2:vpc-endpoint, ec2:vpc-endpoint-service, gd:detector, sh:hub, macie:session, detective:graph,
//    config:aggregator, cloudformation:stack-set, cloudtrail:trail, ec2:flow-log,
//    config:recorder, config:aggregation-authorization, route53:query-logging-config,
//    route53resolver:query-log, elb:load-balancer, elbv2:load-balancer, cloudfront:distribution,
//    redshift:cluster, kafka:cluster, emr:cluster, codebuild:project, bedrock:invocation-logging,
//    athena:workgroup, logs:group, logs:account-settings, logs:destination, oam:link,
//    events:rule, events:api-destination, sns:topic, firehose:stream, ecr:registry,
//    dynamodb:table, efs:replication, secretsmanager:replication, backup:plan, dlm:policy,
//    datasync:task, s3:storage-lens, wafv2:web-acl, wafv2:cloudfront-web-acl,
//    network-firewall:firewall, dynamodb:export, rds:export-task, backup:report-plan,
//    ses:configuration-set, logs:delivery, logs:delivery-destination, pipes:pipe
// fix: Ask the owner of each link whether it is needed; mapper trusts --from A --to B has its parts.
MATCH (a)-[r:LINKED_TO]->(b)
RETURN a.id AS from_id, a.name AS from_name, a.account_id AS from_account, labels(a) AS from_labels,
       b.id AS to_id, b.name AS to_name, b.account_id AS to_account, labels(b) AS to_labels,
       r.kind AS kind, r.verdict AS verdict, r.why AS why,
       coalesce(r.conditions, []) AS conditions, coalesce(r.guards, []) AS guards,
       coalesce(r.assumes, []) AS assumes, coalesce(r.evidence, []) AS evidence,
       r.count AS count, r.definite_count AS definite_count, r.possible_count AS possible_count,
       coalesce(r.examples, []) AS examples
ORDER BY from_id, to_id, kind
