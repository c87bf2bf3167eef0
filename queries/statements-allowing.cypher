// title: Statements that allow an action
// answers: Which Allow statements cover an action by name, by a wildcard or by not excluding it, and
//    where they stand. Text only: Deny, boundaries and conditions are not weighed (mapper who-can does).
// parameter action (text, default null): an action such as iam:PassRole or a part of one, in any case; without
//    it every Allow statement
// parameter account (text, default null): only policies of this account (AWS managed ones have none)
// column policy: the policy's name
// column kind: managed, inline, trust or resource
// column holder: the managed policy, or the principal or resource that has the policy in itself
// column account_id: its account
// column used_by: how many principals a managed policy is attached to
// column statement: id of the statement's node
// column sid: its Sid
// column match: named, wildcard (fits up to its first * or ?), not excluded (NotAction), or list cut
//    (it has more actions than were kept)
// column actions: its actions, or those that it excludes
// column resources: its resources, or those that it excludes
// column conditions: its conditions
// severity: info: who can really do it is asked with mapper who-can
// needs: iam:user, iam:group, iam:role, iam:policy
// fix: Name the actions and resources that are needed instead of wildcards.
MATCH (h)-[d:HAS_DOCUMENT]->(doc:PolicyDocument)-[:HAS_STATEMENT]->(s:PolicyStatement)
WHERE s.effect = 'Allow' AND h.stale_since IS NULL
  AND d.kind IN ['managed', 'inline', 'trust', 'resource']
  AND ($account IS NULL OR h.account_id = $account)
WITH h, d, s, toLower(coalesce($action, '')) AS wanted, coalesce(s.actions, []) AS given,
     coalesce(s.not_actions, []) AS excluded
WITH h, d, s, given, excluded,
     any(a IN given WHERE toLower(a) CONTAINS wanted) AS named,
     any(a IN given WHERE (a CONTAINS '*' OR a CONTAINS '?')
         AND wanted STARTS WITH toLower(split(split(a, '*')[0], '?')[0])) AS wild,
     size(excluded) > 0 AND none(a IN excluded WHERE toLower(a) = wanted
         OR (a ENDS WITH '*' AND wanted STARTS WITH toLower(split(split(a, '*')[0], '?')[0])
             AND size(split(a, '*')) = 2 AND NOT a CONTAINS '?')) AS unexcluded,
     size(given) + size(excluded) < s.action_count AS cut
WITH h, d, s, given, excluded,
     CASE WHEN named THEN 'named' WHEN wild THEN 'wildcard' WHEN unexcluded THEN 'not excluded'
          WHEN cut THEN 'list cut' ELSE '' END AS how
WHERE how <> ''
RETURN d.name AS policy, d.kind AS kind, h.id AS holder, h.account_id AS account_id,
       COUNT { (h)<-[:HAS_POLICY]-() } AS used_by, s.id AS statement, s.sid AS sid, how AS match,
       given + excluded AS actions,
       coalesce(s.resources, []) + coalesce(s.not_resources, []) AS resources,
       coalesce(s.conditions, []) AS conditions
ORDER BY holder, policy, statement
