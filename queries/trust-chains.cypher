// title: Chains of AssumeRole that end as admin of another account
// answers: Who gets from one account (or from outside) to admin of another by assuming one role
//    after the other, taking over the accounts in between where a role is admin of them. Possible
//    steps only: yes and conditional. The same chains as those of mapper trusts that end as admin,
//    but for steps that one session cannot take together, and for who is admin of its own account
//    and comes back to itself.
// column from_id: where the chain starts
// column from_account: the account of the start; empty for an outside source
// column to_id: the admin role that it ends in
// column ends_in: id of the account that the role is admin of
// column hops: every id on a shortest way, the start first; empty where the store's shortest way has
//    a step that is not possible (mapper trusts tells the way)
// column verdicts: the verdict of each step; empty as hops
// column definite: whether there is a way whose every step is yes
// severity: critical: the start is admin of an account that is not its own
// needs: iam:user, iam:group, iam:role, iam:policy, org:organization, org:root, org:organizational-unit,
//    org:account, org:policy, iam:oidc-provider, iam:saml-provider, cognito:identity-pool, cognito:user-pool,
//    iam:roles-anywhere-trust-anchor, iam:roles-anywhere-profile, eks:cluster, sso:instance,
//    sso:permission-set
// fix: Narrow the trust policy of the role in the middle, or take the admin rights from the last role.
MATCH (b)-[h:HAS_ADMIN {possible: true}]->(c:AWSAccount)
MATCH (a)-[f:CAN_ASSUME|IN_GROUP {possible: true}]->(x)
MATCH (x)-[:CAN_ASSUME|IN_GROUP|HAS_ADMIN|CONTROLS*0..10 {possible: true}]->(b)
WHERE NOT 'AWSService' IN labels(a) AND a.id <> b.id
  AND coalesce(f.mechanism, '') <> 'admin-gives-the-right'
  AND NOT ('PrincipalSet' IN labels(a) AND coalesce(a.member_count, 0) <= 12)
  AND NOT ('PrincipalSet' IN labels(x) AND coalesce(x.member_count, 0) > 12)
  AND ('Source' IN labels(a) OR coalesce(a.account_id, '-') <> coalesce(c.account_id, ''))
WITH DISTINCT a, b, c, h.definite AS sure
OPTIONAL MATCH p = shortestPath((a)-[:CAN_ASSUME|IN_GROUP|HAS_ADMIN|CONTROLS*1..11]->(b))
WHERE all(r IN relationships(p) WHERE r.possible = true)
RETURN a.id AS from_id, a.account_id AS from_account, b.id AS to_id, c.id AS ends_in,
       coalesce([n IN nodes(p) | n.id], []) AS hops,
       coalesce([r IN relationships(p) | r.verdict], []) AS verdicts,
       sure = true AND EXISTS {
         MATCH (a)-[:CAN_ASSUME|IN_GROUP {definite: true}]->(y)
         MATCH (y)-[:CAN_ASSUME|IN_GROUP|HAS_ADMIN|CONTROLS*0..10 {definite: true}]->(b)
       } AS definite
ORDER BY from_id, to_id, ends_in
