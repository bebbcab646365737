import type { AgentDeploymentSpec } from './agent-deployment/spec.ts';
import type { AgentDeploymentStatus } from './agent-deployment/status.ts';
import type { EvalRunSpec, EvalRunStatus } from './eval-run.ts';
import type { EvalSuiteSpec } from './eval-suite/spec.ts';
import type { ModelProviderSpec } from './model-provider.ts';
import type { ReleaseSpec } from './release/spec.ts';
import type { ReleaseStatus } from './release/status.ts';

export const apiGroup = 'sluice.dev';
export const apiVersion = 'v1alpha1';

/** The metadata that our objects carry; the API server's own fields are optional because a manifest has none. */
export interface Metadata {
  name: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  ownerReferences?: { apiVersion: string; kind: string; name: string; uid: string; controller?: boolean; blockOwnerDeletion?: boolean }[];
}

interface Resource<Kind extends string, Spec> {
  apiVersion: 'sluice.dev/v1alpha1';
  kind: Kind;
  metadata: Metadata;
  spec: Spec;
}

export type AgentDeployment = Resource<'AgentDeployment', AgentDeploymentSpec> & { status?: AgentDeploymentStatus };
export type ModelProvider = Resource<'ModelProvider', ModelProviderSpec>;
export type EvalSuite = Resource<'EvalSuite', EvalSuiteSpec>;
export type EvalRun = Resource<'EvalRun', EvalRunSpec> & { status?: EvalRunStatus };
export type Release = Resource<'Release', ReleaseSpec> & { status?: ReleaseStatus };
