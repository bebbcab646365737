export { evalRunController, type EvalRunControllerOptions } from './controller.ts';
export { decideEvalRun } from './decide.ts';
export { isFinished } from './decision.ts';
export { baselineRunName, evalRunLabel, evalRunName } from './names.ts';
export type { EvalRunDecision, EvalRunObservation, ProvenRevision } from './observation.ts';
export { EvalRunReconciler, podsByEvalRun, type ProvenRevisions } from './reconciler.ts';
export { PodResultsReader, type ResultsReader } from './results-reader.ts';
export { suiteDigest } from './suite-digest.ts';
