// title: Policies that allow everything
// answers: Which policies have a statement that allows every action on every resource without condition.
// parameter caps (boolean, default false): also policies that only cap (organisation policies, policies of
//    VPC endpoints), of which AWS's own default allows everything
// column policy: the policy's name
// column kind: managed, inline, trust or resource; with caps also organization and endpoint
// column holder: the managed policy, or the principal or resource that has the policy in itself
// column account_id: its account
// column used_by: how many principals a managed policy is attached to
// column document: id of the document's node
// severity: high: whoever has it is admin unless another layer takes it away; see mapper admins
// needs: iam:user, iam:group, iam:role, iam:policy
// fix: Give roles the actions and resources that they use; keep full access for a few break-glass roles.
MATCH (h)-[d:HAS_DOCUMENT]->(doc:PolicyDocument)
WHERE doc.allows_everything = true AND h.stale_since IS NULL
  AND ($caps = true OR NOT d.kind IN ['organization', 'endpoint'])
RETURN d.name AS policy, d.kind AS kind, h.id AS holder, h.account_id AS account_id,
       COUNT { (h)<-[:HAS_POLICY]-() } AS used_by, doc.id AS document
ORDER BY holder, policy, document
