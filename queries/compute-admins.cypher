// title: Machines whose role reaches admin
// answers: Which machines carry a role that is admin of an account, or becomes it by a chain, and
//    how their metadata service is set. Possible steps only: yes and conditional.
// column machine: the machine
// column name: its name
// column resource_type: its CloudFormation type
// column account_id: its account
// column region: its region
// column role: the role that it carries
// column admin_of: id of the account
// column http_tokens: required (IMDSv2 only) or optional (IMDSv1 answers too)
// column http_endpoint: enabled or disabled
// column hop_limit: how many network hops the metadata answer survives
// severity: high: whoever runs code on the machine is admin
// needs: escalation, ec2:instance, ssm:managed-instance, iam:instance-profile, iam:user, iam:group, iam:role, iam:policy,
//    org:organization, org:root, org:organizational-unit,
//    org:account, org:policy, iam:oidc-provider, iam:saml-provider, cognito:identity-pool, cognito:user-pool,
//    iam:roles-anywhere-trust-anchor, iam:roles-anywhere-profile, eks:cluster, sso:instance,
//    sso:permission-set
// fix: Give the machine a role of its own with the rights it uses, and require IMDSv2.
MATCH (m)-[:HAS_ROLE {possible: true}]->(role)
MATCH (role)-[:CAN_ASSUME|IN_GROUP|TARGETS|CAN_ESCALATE_TO|CAN_EXECUTE_ON|HAS_ROLE*0..10 {possible: true}]->(b)
MATCH (b)-[:HAS_ADMIN|CAN_ESCALATE_TO {possible: true}]->(c:AWSAccount)
RETURN DISTINCT m.id AS machine, m.name AS name, m.resource_type AS resource_type,
       m.account_id AS account_id, m.region AS region, role.id AS role, c.id AS admin_of,
       m.http_tokens AS http_tokens, m.http_endpoint AS http_endpoint,
       m.http_put_response_hop_limit AS hop_limit
ORDER BY machine, role, admin_of
