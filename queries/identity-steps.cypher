// title: Every step from one identity to the next
// answers: The steps that chains are made of: assuming roles, membership of principal sets,
//    escalation, running commands on machines, machines' roles, admin rights and what admins control.
// column from_id: who
// column from_name: its name
// column from_type: its CloudFormation type
// column from_account: its account
// column from_region: its region
// column from_labels: its labels
// column to_id: what is gained
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
// column last_used: when the role that is gained was last used, as far as AWS says
// column techniques: how admin rights are had or gained
// column limits: targets that a Deny takes out
// severity: info: a step alone; mapper trusts and mapper admins put them together
// needs: iam:user, iam:group, iam:role, iam:policy, org:organization, org:root, org:organizational-unit,
//    org:account, org:policy, iam:oidc-provider, iam:saml-provider, cognito:identity-pool, cognito:user-pool,
//    iam:roles-anywhere-trust-anchor, iam:roles-anywhere-profile, eks:cluster, sso:instance,
//    sso:permission-set
// fix: Cut the step that most chains use: mapper admins names it.
MATCH (a)-[r:CAN_ASSUME|IN_GROUP|TARGETS|CAN_ESCALATE_TO|CAN_EXECUTE_ON|HAS_ROLE|HAS_ADMIN|CONTROLS]->(b)
WHERE NOT 'AWSService' IN labels(a) AND NOT 'NetworkGroup' IN labels(b)
  AND NOT 'NetworkRange' IN labels(b)
  AND (type(r) <> 'CONTROLS'
       OR EXISTS { (b)-[:CAN_ASSUME|CAN_ESCALATE_TO|CAN_EXECUTE_ON|HAS_ROLE|HAS_ADMIN]->() }
       OR EXISTS { (b)-[:IN_GROUP]->(:PrincipalSet)-[:CAN_ASSUME|CAN_ESCALATE_TO|CAN_EXECUTE_ON]->() })
  AND (type(r) <> 'TARGETS' OR EXISTS { (a:ResourceSet)<-[:CAN_ESCALATE_TO|CAN_EXECUTE_ON]-() })
  AND (type(r) <> 'IN_GROUP'
       OR EXISTS { (b)-[:CAN_ASSUME|CAN_ESCALATE_TO|CAN_EXECUTE_ON|HAS_ADMIN]->() })
RETURN a.id AS from_id, a.name AS from_name, a.resource_type AS from_type,
       a.account_id AS from_account, a.region AS from_region, labels(a) AS from_labels,
       b.id AS to_id, b.name AS to_name, b.resource_type AS to_type,
       b.account_id AS to_account, b.region AS to_region, labels(b) AS to_labels,
       type(r) AS relationship, r.mechanism AS mechanism,
       r.verdict AS verdict, r.why AS why, coalesce(r.conditions, []) AS conditions,
       coalesce(r.guards, []) AS guards, coalesce(r.assumes, []) AS assumes,
       coalesce(r.evidence, []) AS evidence,
       coalesce(r.session, []) AS session, b.last_used_date AS last_used,
       CASE WHEN type(r) IN ['CAN_ESCALATE_TO', 'CAN_EXECUTE_ON'] THEN [r.technique]
            ELSE coalesce(r.techniques, []) END AS techniques, coalesce(r.limits, []) AS limits
ORDER BY from_id, to_id, relationship, mechanism
