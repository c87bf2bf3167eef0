// title: Services that anyone can drive, without a fixed source
// answers: Which roles and resources a service may use that acts for whichever customer configured it,
//    without aws:SourceArn, aws:SourceAccount or aws:SourceOrgID (the cross-service confused deputy).
// column source: the service, or any account through it
// column to_id: the role or resource
// column to_type: its CloudFormation type
// column account_id: its account
// column mechanism: how
// column verdict: yes, conditional, dormant or unknown
// column guards: what guards it, in words
// severity: medium: another customer of the service may make it act on this account
// needs: iam:role, s3:bucket, sns:topic, sqs:queue, kms:key, lambda:function, secretsmanager:secret,
//    ecr:repository
// fix: Add aws:SourceAccount (and aws:SourceArn) of your own account to the policy.
MATCH (s)-[r:CAN_ASSUME|CAN_ACCESS]->(b)
WHERE 'AnyAccountVia' IN labels(s)
   OR any(g IN coalesce(r.guards, []) WHERE g STARTS WITH 'source not-fixed')
RETURN s.id AS source, b.id AS to_id, b.resource_type AS to_type, b.account_id AS account_id,
       r.mechanism AS mechanism, r.verdict AS verdict, coalesce(r.guards, []) AS guards
ORDER BY source, to_id, mechanism
