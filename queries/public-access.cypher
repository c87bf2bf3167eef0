// title: What anonymous callers and any AWS account may use
// answers: Which buckets, queues, topics, keys, functions, images, snapshots and roles are open
//    to everybody, or to every AWS account, by policy, ACL, URL or permission.
// column source: id of the source, e.g. internet, any-aws-principal
// column source_labels: the source's labels
// column id: what is reached
// column name: its name
// column resource_type: its CloudFormation type
// column account_id: its account
// column region: its region
// column labels: its labels
// column tags: its tags, key=value
// column relationship: CAN_ACCESS or CAN_ASSUME
// column mechanism: e.g. bucket-policy, launch-permission, sts:AssumeRole
// column level: read, write or admin
// column actions: the actions granted
// column node_ids: every node on the way, the source first
// column dns_names: host names under which it answers
// column verdicts: the verdict of each step
// column whys: the reason of each step
// column conditions: the conditions of each step
// column guards: the guards of each step
// column assumes: what each step takes as absent because it was invisible
// column evidence: the evidence of each step
// severity: critical: for writing or for keys; see the severity of mapper public
// needs: resource-policies, s3:account-bpa, ec2:image, ec2:snapshot, ec2:account-guards,
//    iot:policy, rds:db-snapshot, rds:db-cluster-snapshot, ec2:vpc-endpoint-service, iam:role, org:policy,
//    kms:key, ec2:fpga-image, ssm:document, ssm:setting, ecr-public:repository,
//    quicksight:dashboard, quicksight:account
// fix: Name the accounts in the policy, or turn block public access on.
MATCH p = (s:Source)-[:CAN_ACCESS|CAN_ASSUME]->(first)-[:TARGETS*0..1]->(n)
WHERE NOT 'ResourceSet' IN labels(n) AND (first.id = n.id OR 'ResourceSet' IN labels(first))
  AND NOT 'AWSService' IN labels(s) AND NOT 'ExternalAccount' IN labels(s)
  AND NOT 'Organization' IN labels(s)
WITH s, n, relationships(p) AS steps, nodes(p) AS passed
RETURN s.id AS source, labels(s) AS source_labels,
       n.id AS id, n.name AS name, n.resource_type AS resource_type,
       n.account_id AS account_id, n.region AS region, labels(n) AS labels,
       coalesce(n.tags, []) AS tags,
       type(steps[0]) AS relationship,
       steps[0].mechanism AS mechanism, steps[0].level AS level, steps[0].actions AS actions,
       [x IN passed | x.id] AS node_ids, coalesce(n.dns_names, []) AS dns_names,
       [r IN steps | r.verdict] AS verdicts, [r IN steps | r.why] AS whys,
       [r IN steps | coalesce(r.conditions, [])] AS conditions,
       [r IN steps | coalesce(r.guards, [])] AS guards,
       [r IN steps | coalesce(r.assumes, [])] AS assumes,
       [r IN steps | coalesce(r.evidence, [])] AS evidence
ORDER BY source, id, mechanism, node_ids
