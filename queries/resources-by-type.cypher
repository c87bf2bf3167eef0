// title: How many resources of which type
// answers: How much was collected, per account and CloudFormation type.
// parameter stale (boolean, default false): also what could not be read any more
// column account_id: the account
// column resource_type: the type
// column resources: how many
// severity: info: inventory
// needs: aws:account
// fix: Nothing to fix.
MATCH (n:Resource)
WHERE n.account_id IS NOT NULL AND n.resource_type IS NOT NULL
  AND (n.stale_since IS NULL OR $stale = true)
WITH n.account_id AS account_id, n.resource_type AS resource_type, count(n) AS resources
RETURN account_id AS account_id, resource_type AS resource_type, resources AS resources
ORDER BY account_id, resource_type
