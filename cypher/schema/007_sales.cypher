// Accounts, and the lists of deals that a filter asks for: see SCOPES in service/deals/models.py.
CREATE CONSTRAINT account_id IF NOT EXISTS FOR (a:Account) REQUIRE a.id IS UNIQUE;
CREATE CONSTRAINT account_domain IF NOT EXISTS FOR (a:Account) REQUIRE a.domain IS UNIQUE;
CREATE INDEX identifier_domain_place IF NOT EXISTS FOR (i:Identifier) ON (i.domainPlace);
CREATE INDEX deal_account_position IF NOT EXISTS FOR (d:Deal) ON (d.accountPosition);
CREATE INDEX deal_position IF NOT EXISTS FOR (d:Deal) ON (d.position);
CREATE INDEX deal_expected_close_on IF NOT EXISTS FOR (d:Deal) ON (d.expectedCloseOn);
CREATE INDEX deal_closing_position IF NOT EXISTS FOR (d:Deal) ON (d.closingPosition);
CREATE INDEX deal_owner_closing_position IF NOT EXISTS FOR (d:Deal) ON (d.ownerClosingPosition);
CREATE INDEX deal_state_position IF NOT EXISTS FOR (d:Deal) ON (d.statePosition);
CREATE INDEX deal_pipeline_position IF NOT EXISTS FOR (d:Deal) ON (d.pipelinePosition);
CREATE INDEX deal_pipeline_state_position IF NOT EXISTS FOR (d:Deal) ON (d.pipelineStatePosition);
CREATE INDEX deal_stage_position IF NOT EXISTS FOR (d:Deal) ON (d.stagePosition);
CREATE INDEX deal_owner_position IF NOT EXISTS FOR (d:Deal) ON (d.ownerPosition);
CREATE INDEX deal_owner_state_position IF NOT EXISTS FOR (d:Deal) ON (d.ownerStatePosition);
CREATE INDEX deal_owner_pipeline_position IF NOT EXISTS FOR (d:Deal) ON (d.ownerPipelinePosition);
CREATE INDEX deal_owner_pipeline_state_position IF NOT EXISTS FOR (d:Deal) ON (d.ownerPipelineStatePosition);
CREATE INDEX deal_owner_stage_position IF NOT EXISTS FOR (d:Deal) ON (d.ownerStagePosition);

// embedded
CREATE (i:Identifier {key: 'first', id: 'first'}), (a:Account {id: 'first', domain: 'first'}),
  (p:Pipeline {id: 'first'}), (s:Stage {id: 'first'}), (i)-[a1:BELONGS_TO]->(a), (p)-[a2:HAD_STAGE]->(s)
DELETE a1, a2, i, a, p, s;

// Deals from before they were listed.
MATCH (d:Deal)
WHERE d.statePosition IS NULL
SET d.statePosition = d.state + '\n' + d.position,
  d.pipelinePosition = d.pipelineId + '\n' + d.position,
  d.pipelineStatePosition = d.pipelineId + '\n' + d.state + '\n' + d.position,
  d.stagePosition = d.stageId + '\n' + d.position,
  d.closingPosition = substring(d.expectedCloseOn, 0, 7) + '\n' + d.position,
  d.ownerClosingPosition = d.owner + '\n' + substring(d.expectedCloseOn, 0, 7) + '\n' + d.position,
  d.ownerPosition = d.owner + '\n' + d.position,
  d.ownerStatePosition = d.owner + '\n' + d.state + '\n' + d.position,
  d.ownerPipelinePosition = d.owner + '\n' + d.pipelineId + '\n' + d.position,
  d.ownerPipelineStatePosition = d.owner + '\n' + d.pipelineId + '\n' + d.state + '\n' + d.position,
  d.ownerStagePosition = d.owner + '\n' + d.stageId + '\n' + d.position;

// The places of addresses at their domains, of those from before accounts: see service/accounts/listing.py.
// neo4j
MATCH (i:Identifier)
WHERE i.kind = 'email' AND i.domainPlace IS NULL
CALL (i) {
  SET i.domainPlace = split(i.key, '@')[1] + ' ' + i.id
} IN TRANSACTIONS OF 10000 ROWS;

// embedded
MATCH (i:Identifier)
WHERE i.kind = 'email' AND i.domainPlace IS NULL
SET i.domainPlace = split(i.key, '@')[1] + ' ' + i.id;

// Stages that deals are or were in.
MATCH (m:DealStageChange)
WITH DISTINCT m.toStageId AS id
MATCH (s:Stage {id: id})
SET s.used = true;
