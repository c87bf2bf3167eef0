// title: Principals that become admin by a chain
// answers: Who is not admin but gets there by assuming roles, escalating or using a machine's role.
//    Possible steps only: yes and conditional. mapper admins knows ways through an account that is
//    taken over on the way too, and has each way step by step.
// column id: the principal
// column name: its name
// column resource_type: its CloudFormation type
// column account_id: its account
// column admin_of: id of the account
// severity: critical: nobody meant these to be admin
// needs: escalation, iam:user, iam:group, iam:role, iam:policy, org:organization, org:root, org:organizational-unit,
//    org:account, org:policy, iam:oidc-provider, iam:saml-provider, cognito:identity-pool, cognito:user-pool,
//    iam:roles-anywhere-trust-anchor, iam:roles-anywhere-profile, eks:cluster, sso:instance,
//    sso:permission-set
// fix: Cut the step that most chains use: mapper admins names it.
MATCH (n)-[:CAN_ASSUME|IN_GROUP|TARGETS|CAN_ESCALATE_TO|CAN_EXECUTE_ON|HAS_ROLE*0..10 {possible: true}]->(b)
MATCH (b)-[:HAS_ADMIN|CAN_ESCALATE_TO {possible: true}]->(c:AWSAccount)
WHERE NOT 'AWSService' IN labels(n) AND NOT 'PrincipalSet' IN labels(n)
  AND NOT ('AWSAccount' IN labels(n)
           AND EXISTS { (n)-[:CAN_ASSUME {mechanism: 'admin-gives-the-right'}]->() })
  AND NOT EXISTS { (n)-[:TARGETS]->() }
  AND NOT EXISTS { (n)-[:HAS_ADMIN {possible: true}]->(c) }
RETURN DISTINCT n.id AS id, n.name AS name, n.resource_type AS resource_type,
       n.account_id AS account_id, c.id AS admin_of
ORDER BY admin_of, id
