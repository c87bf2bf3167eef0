// title: Roles that another account or an outside source may assume
// answers: Who from another account, an identity provider or the whole of AWS may assume which role.
// column from_id: who
// column from_name: its name
// column from_type: its CloudFormation type
// column from_account: its account
// column from_region: its region
// column from_labels: its labels
// column to_id: the role
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
// column session: source identity and tags that assuming the role needs, as key=value|value
// column last_used: when the role was last used, as far as AWS says
// severity: high: an outside party acts with the role's rights; see the severity of mapper trusts
// needs: iam:user, iam:group, iam:role, iam:policy, org:organization, org:root, org:organizational-unit,
//    org:account, org:policy, iam:oidc-provider, iam:saml-provider, cognito:identity-pool, cognito:user-pool,
//    iam:roles-anywhere-trust-anchor, iam:roles-anywhere-profile, eks:cluster, sso:instance,
//    sso:permission-set
// fix: Name single roles instead of whole accounts in the trust policy, and ask vendors for an ExternalId.
MATCH (a)-[r:CAN_ASSUME]->(b)
WHERE NOT 'AWSService' IN labels(a) AND coalesce(r.mechanism, '') <> 'admin-gives-the-right'
  AND ('Source' IN labels(a) OR coalesce(a.account_id, '-') <> coalesce(b.account_id, ''))
RETURN a.id AS from_id, a.name AS from_name, a.resource_type AS from_type,
       a.account_id AS from_account, a.region AS from_region, labels(a) AS from_labels,
       b.id AS to_id, b.name AS to_name, b.resource_type AS to_type,
       b.account_id AS to_account, b.region AS to_region, labels(b) AS to_labels,
       type(r) AS relationship, r.mechanism AS mechanism,
       r.verdict AS verdict, r.why AS why, coalesce(r.conditions, []) AS conditions,
       coalesce(r.guards, []) AS guards, coalesce(r.assumes, []) AS assumes,
       coalesce(r.evidence, []) AS evidence, coalesce(r.session, []) AS session,
       b.last_used_date AS last_used
ORDER BY from_id, to_id, mechanism
