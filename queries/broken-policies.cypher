// title: Policies that cannot be read
// answers: Which policies are no valid policy document, so that what depends on them is unknown.
// column policy: the policy's name
// column kind: managed, inline, trust, organization, resource or endpoint
// column holder: the managed policy, or the principal or resource that has the policy in itself
// column account_id: its account
// column reason: what is wrong
// column document: id of the document's node
// severity: low: AWS refuses to store most of these; look at the text by hand
// needs: iam:user, iam:group, iam:role, iam:policy
// fix: Correct the policy, or collect again if the text was damaged on its way.
MATCH (h)-[d:HAS_DOCUMENT]->(doc:PolicyDocument)
WHERE doc.broken = true AND h.stale_since IS NULL
RETURN d.name AS policy, d.kind AS kind, h.id AS holder, h.account_id AS account_id,
       doc.broken_reason AS reason, doc.id AS document
ORDER BY holder, policy, document
