import { defineResource } from '@sluice/kube';
import type { Condition, KubeObject } from '@sluice/kube';

export const gatewayGroup = 'gateway.networking.k8s.io';

export interface ParentReference {
  group?: string;
  kind?: string;
  name: string;
  namespace?: string | undefined;
  sectionName?: string | undefined;
}

export interface BackendReference {
  group?: string;
  kind?: string;
  name: string;
  port?: number;
}

export interface HeaderValue {
  name: string;
  value: string;
}

/** The member that goes with `type` is set. */
export interface RouteFilter {
  type: 'URLRewrite' | 'RequestMirror' | 'ResponseHeaderModifier' | 'RequestHeaderModifier';
  urlRewrite?: { path: { type: 'ReplacePrefixMatch'; replacePrefixMatch: string } };
  requestMirror?: { backendRef: BackendReference; percent?: number };
  responseHeaderModifier?: { add?: HeaderValue[]; set?: HeaderValue[] };
}

export interface RouteMatch {
  path: { type: 'PathPrefix'; value: string };
  headers?: { type: 'Exact' | 'RegularExpression'; name: string; value: string }[];
}

export interface WeightedBackend extends BackendReference {
  weight?: number;
  filters?: RouteFilter[];
}

export interface RouteRule {
  matches?: RouteMatch[];
  filters?: RouteFilter[];
  backendRefs?: WeightedBackend[];
  timeouts?: { request: string };
  /** Keeps a session on the backend that it had first. Never asked for by the operator. */
  sessionPersistence?: Readonly<Record<string, unknown>>;
}

/** What one controller says about the route at one parent. */
export interface RouteParentStatus {
  parentRef: ParentReference;
  controllerName: string;
  conditions?: Condition[];
}

export interface HTTPRoute extends KubeObject {
  spec: { parentRefs?: ParentReference[]; hostnames?: string[]; rules?: RouteRule[] };
  status?: { parents?: RouteParentStatus[] };
}

export const httpRoutes = defineResource<HTTPRoute>({ group: gatewayGroup, version: 'v1', plural: 'httproutes', kind: 'HTTPRoute', scope: 'Namespaced' });
