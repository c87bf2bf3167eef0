// title: Policies that name accounts which cannot exist
// answers: Which trust policies and resource policies name an account id that is not 12 digits, or all
//    zeros: a template that nobody filled in, or a typing error for somebody else's account.
// column holder: the role or resource that carries the policy
// column holder_type: its CloudFormation type
// column account_id: its account
// column policy: trust or resource
// column named: what stands in the policy
// severity: low: nobody gets in by it; what was meant may be missing or lie elsewhere
// needs: iam:role, s3:bucket, kms:key, sns:topic, sqs:queue, secretsmanager:secret, ecr:repository
// fix: Write the account that was meant, or take the entry out.
MATCH (h)-[d:HAS_DOCUMENT]->(:PolicyDocument)-[:HAS_STATEMENT]->(s:PolicyStatement)
WHERE d.kind IN ['trust', 'resource'] AND s.effect = 'Allow'
UNWIND coalesce(s.principals, []) AS entry
WITH h, d, entry, substring(entry, 4) AS named, split(entry, ':') AS parts
WHERE entry STARTS WITH 'AWS='
  AND ((entry STARTS WITH 'AWS=arn:' AND size(parts) > 5 AND parts[4] <> 'cloudfront'
        AND (size(parts[4]) <> 12 OR parts[4] = '000000000000'))
       OR named = '000000000000'
       OR (size(parts) = 1 AND toInteger(named) IS NOT NULL AND size(named) <> 12))
RETURN DISTINCT h.id AS holder, h.resource_type AS holder_type, h.account_id AS account_id,
       d.kind AS policy, named AS named
ORDER BY holder, named
