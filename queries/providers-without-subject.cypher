// title: Shared identity providers without a fixed subject
// answers: Which roles any customer of GitHub Actions, GitLab, Terraform Cloud, Google and other shared
//    identity providers may assume, because no condition fixes whose token it is.
// column provider: the identity provider
// column role: the role
// column account_id: the role's account
// column verdict: yes, conditional, dormant or unknown
// column conditions: what else the trust asks for
// column guards: what guards the trust, in words
// severity: critical: anyone with an account at the provider acts with the role's rights
// needs: iam:role, iam:oidc-provider
// fix: Require the subject claim (repository and branch or environment) in the trust policy.
MATCH (p:FederatedProvider)-[r:CAN_ASSUME]->(role)
WHERE any(g IN coalesce(r.guards, []) WHERE g STARTS WITH 'subject open')
RETURN p.id AS provider, role.id AS role, role.account_id AS account_id, r.verdict AS verdict,
       coalesce(r.conditions, []) AS conditions, r.guards AS guards
ORDER BY provider, role
