// Deals by the day on which they should be closed, in each list that a filter asks for: see CLOSING in service/deals/models.py.
CREATE INDEX deal_closing_place IF NOT EXISTS FOR (d:Deal) ON (d.closingPlace);
CREATE INDEX deal_state_closing_place IF NOT EXISTS FOR (d:Deal) ON (d.stateClosingPlace);
CREATE INDEX deal_pipeline_closing_place IF NOT EXISTS FOR (d:Deal) ON (d.pipelineClosingPlace);
CREATE INDEX deal_pipeline_state_closing_place IF NOT EXISTS FOR (d:Deal) ON (d.pipelineStateClosingPlace);
CREATE INDEX deal_stage_closing_place IF NOT EXISTS FOR (d:Deal) ON (d.stageClosingPlace);
CREATE INDEX deal_owner_closing_place IF NOT EXISTS FOR (d:Deal) ON (d.ownerClosingPlace);
CREATE INDEX deal_owner_state_closing_place IF NOT EXISTS FOR (d:Deal) ON (d.ownerStateClosingPlace);
CREATE INDEX deal_owner_pipeline_closing_place IF NOT EXISTS FOR (d:Deal) ON (d.ownerPipelineClosingPlace);
CREATE INDEX deal_owner_pipeline_state_closing_place IF NOT EXISTS FOR (d:Deal) ON (d.ownerPipelineStateClosingPlace);
CREATE INDEX deal_owner_stage_closing_place IF NOT EXISTS FOR (d:Deal) ON (d.ownerStageClosingPlace);

// Those from before there were these lists; the lists by month are of no use any more.
// neo4j
MATCH (d:Deal)
WHERE d.expectedCloseOn IS NOT NULL AND d.closingPlace IS NULL
CALL (d) {
  SET d.closingPlace = d.expectedCloseOn + '\n' + d.position,
    d.stateClosingPlace = d.state + '\n' + d.expectedCloseOn + '\n' + d.position,
    d.pipelineClosingPlace = d.pipelineId + '\n' + d.expectedCloseOn + '\n' + d.position,
    d.pipelineStateClosingPlace = d.pipelineId + '\n' + d.state + '\n' + d.expectedCloseOn + '\n' + d.position,
    d.stageClosingPlace = d.stageId + '\n' + d.expectedCloseOn + '\n' + d.position,
    d.ownerClosingPlace = d.owner + '\n' + d.expectedCloseOn + '\n' + d.position,
    d.ownerStateClosingPlace = d.owner + '\n' + d.state + '\n' + d.expectedCloseOn + '\n' + d.position,
    d.ownerPipelineClosingPlace = d.owner + '\n' + d.pipelineId + '\n' + d.expectedCloseOn + '\n' + d.position,
    d.ownerPipelineStateClosingPlace = d.owner + '\n' + d.pipelineId + '\n' + d.state + '\n' + d.expectedCloseOn + '\n' + d.position,
    d.ownerStageClosingPlace = d.owner + '\n' + d.stageId + '\n' + d.expectedCloseOn + '\n' + d.position
  REMOVE d.closingPosition, d.ownerClosingPosition
} IN TRANSACTIONS OF 10000 ROWS;

// embedded
MATCH (d:Deal)
WHERE d.expectedCloseOn IS NOT NULL AND d.closingPlace IS NULL
SET d.closingPlace = d.expectedCloseOn + '\n' + d.position,
  d.stateClosingPlace = d.state + '\n' + d.expectedCloseOn + '\n' + d.position,
  d.pipelineClosingPlace = d.pipelineId + '\n' + d.expectedCloseOn + '\n' + d.position,
  d.pipelineStateClosingPlace = d.pipelineId + '\n' + d.state + '\n' + d.expectedCloseOn + '\n' + d.position,
  d.stageClosingPlace = d.stageId + '\n' + d.expectedCloseOn + '\n' + d.position,
  d.ownerClosingPlace = d.owner + '\n' + d.expectedCloseOn + '\n' + d.position,
  d.ownerStateClosingPlace = d.owner + '\n' + d.state + '\n' + d.expectedCloseOn + '\n' + d.position,
  d.ownerPipelineClosingPlace = d.owner + '\n' + d.pipelineId + '\n' + d.expectedCloseOn + '\n' + d.position,
  d.ownerPipelineStateClosingPlace = d.owner + '\n' + d.pipelineId + '\n' + d.state + '\n' + d.expectedCloseOn + '\n' + d.position,
  d.ownerStageClosingPlace = d.owner + '\n' + d.stageId + '\n' + d.expectedCloseOn + '\n' + d.position
REMOVE d.closingPosition, d.ownerClosingPosition;

// neo4j
DROP INDEX deal_closing_position IF EXISTS;
// neo4j
DROP INDEX deal_owner_closing_position IF EXISTS;
// neo4j
DROP INDEX deal_expected_close_on IF EXISTS;

// Two processes that made the default pipeline at once on the embedded engine may each have put a stage into it: of two
// edges that say the same, the same one is kept by all who look.
MATCH (p:Pipeline)-[r:HAS_STAGE]->(s:Stage)
WITH p, s, min(elementId(r)) AS kept, count(r) AS many
WHERE many > 1
MATCH (p)-[r:HAS_STAGE]->(s)
WHERE elementId(r) <> kept
DELETE r;
