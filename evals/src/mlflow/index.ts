// The export alone, for programs that ask no agent.
export { authorizationOf } from './authorization.ts';
export { exportRun } from './export-run.ts';
export { MlflowError } from './mlflow-error.ts';
export { type EvaluatedRun, trackedEvaluation, type TrackedRun } from './tracked-run.ts';
export type { MlflowServer, TrackingFetch } from './tracking-api.ts';
