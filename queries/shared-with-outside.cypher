// title: Resources shared with other accounts
// answers: Which resources a named outside account, organisation or principal of another account
//    may use, and by what: resource policy, permission on an image or snapshot, RAM share; which
//    private zones VPCs of other accounts, or of nobody known, see. What is
//    shared with the number 000000000000, which is no account, is shared with nobody.
// parameter stale (boolean, default false): also what could not be read any more
// column from_id: who it is shared with
// column from_name: its name
// column from_type: its CloudFormation type
// column from_account: its account
// column from_region: its region
// column from_labels: its labels
// column to_id: the resource
// column to_name: its name
// column to_type: its CloudFormation type
// column to_account: its account
// column to_region: its region
// column to_labels: its labels
// column relationship: the relationship's type
// column mechanism: how
// column verdict: yes, conditional, dormant or unknown
// column why: the reason in one sentence
// column conditions: under which conditions
// column guards: controls in the way that do not change the verdict
// column assumes: layers taken as absent because they were invisible
// column evidence: sentences
// column level: read, write or admin
// column actions: the actions granted
// severity: medium: named accounts only; open ones are in public-access
// needs: resource-policies, s3:account-bpa, ec2:image, ec2:snapshot, ec2:account-guards,
//    iot:policy, rds:db-snapshot, rds:db-cluster-snapshot, ec2:vpc-endpoint-service, iam:role, org:policy,
//    ram:share, ram:invitation, kms:key, ec2:fpga-image, ssm:document, redshift:cluster,
//    redshift:share, redshift:snapshot, redshift-serverless:snapshot, ds:directory,
//    servicecatalog:portfolio, lakeformation:permissions, quicksight:dashboard, route53:zone, ec2:vpc
// fix: Remove receivers that are not known any more.
MATCH (a)-[r:CAN_ACCESS]->(b)
WHERE ('ExternalAccount' IN labels(a) OR 'Organization' IN labels(a)
       OR (NOT 'Source' IN labels(a) AND NOT 'VPC' IN labels(a) AND NOT 'VPCEndpoint' IN labels(a)
           AND NOT 'PrincipalSet' IN labels(a) AND coalesce(r.mechanism, '') <> 'iam'
           AND coalesce(a.account_id, '-') <> coalesce(b.account_id, '')))
RETURN a.id AS from_id, a.name AS from_name, a.resource_type AS from_type,
       a.account_id AS from_account, a.region AS from_region, labels(a) AS from_labels,
       b.id AS to_id, b.name AS to_name, b.resource_type AS to_type,
       b.account_id AS to_account, b.region AS to_region, labels(b) AS to_labels,
       type(r) AS relationship, r.mechanism AS mechanism,
       r.verdict AS verdict, r.why AS why, coalesce(r.conditions, []) AS conditions,
       coalesce(r.guards, []) AS guards, coalesce(r.assumes, []) AS assumes,
       coalesce(r.evidence, []) AS evidence,
       r.level AS level, coalesce(r.actions, []) AS actions
UNION
MATCH (b)-[r:SHARED_WITH]->(a)
WHERE coalesce(b.account_id, '') <> coalesce(a.account_id, '-')
  AND a.id <> 'account:000000000000'
  AND (b.stale_since IS NULL OR $stale = true)
RETURN a.id AS from_id, a.name AS from_name, a.resource_type AS from_type,
       a.account_id AS from_account, a.region AS from_region, labels(a) AS from_labels,
       b.id AS to_id, b.name AS to_name, b.resource_type AS to_type,
       b.account_id AS to_account, b.region AS to_region, labels(b) AS to_labels,
       type(r) AS relationship, coalesce(r.mechanism, CASE WHEN r.association IS NOT NULL THEN 'zone-' + r.association
         WHEN r.share IS NULL THEN 'shared-with' ELSE 'ram-share' END) AS mechanism,
       CASE WHEN r.association IS NOT NULL AND a.account_id IS NULL THEN 'unknown'
         ELSE r.verdict END AS verdict,
       coalesce(r.why, r.says) AS why,
       CASE WHEN r.association IS NOT NULL AND a.account_id IS NULL
         THEN ['not_collected:owner=' + a.id] ELSE coalesce(r.conditions, []) END AS conditions,
       coalesce(r.guards, []) AS guards, coalesce(r.assumes, []) AS assumes,
       coalesce(r.evidence, []) AS evidence,
       r.level AS level, coalesce(r.actions, []) AS actions
