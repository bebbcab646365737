export { type BlockTraffic, blockOf } from './block-of.ts';
export { blockLine, BlockLineError, type LoggedBlock, parseBlockLine } from './block-line.ts';
export { closeBlock, type ClosedBlock, type GateLook } from './close-block.ts';
export { isOutOfReach, noForecast } from './forecast-of.ts';
export { policyIn, stateIn } from './gate-record.ts';
export { beginGate, type GateTerms, hasEvidence, openGate, withPolicy } from './open-gate.ts';
export { policyOf } from './policy-of.ts';
export { judgeLine, replay } from './replay.ts';
export { resultsOf } from './results-of.ts';
