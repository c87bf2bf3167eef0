// title: The accounts of the map
// answers: Which accounts were collected, belong to the organisation, or appear only in trusts.
// column id: e.g. account:111122223333
// column account_id: twelve digits
// column name: the account's name
// column labels: AWSAccount, or ExternalAccount for one that appears only in trusts and shares
// column vendor: who it belongs to, where that is known
// severity: info: inventory
// needs: aws:account, org:account
// fix: Nothing to fix.
MATCH (n:Resource)
WHERE 'AWSAccount' IN labels(n) OR 'ExternalAccount' IN labels(n)
RETURN n.id AS id, n.account_id AS account_id, n.name AS name, labels(n) AS labels,
       n.vendor AS vendor
ORDER BY id
