import type { KubeObject } from '../object.ts';
import { defineResource } from '../resource-type.ts';
import type { Condition, LabelSelector } from './condition.ts';

export interface NetworkPolicy extends KubeObject {
  spec: {
    podSelector: LabelSelector;
    policyTypes?: ('Ingress' | 'Egress')[];
    ingress?: Record<string, unknown>[];
    egress?: Record<string, unknown>[];
  };
}

export interface EndpointSlice extends KubeObject {
  addressType: 'IPv4' | 'IPv6' | 'FQDN';
  endpoints: {
    addresses: string[];
    conditions?: { ready?: boolean; serving?: boolean; terminating?: boolean };
    targetRef?: ObjectReference;
    nodeName?: string;
  }[] | null;
  ports?: { name?: string; port?: number; protocol?: string; appProtocol?: string }[];
}

/** Times are MicroTime: RFC 3339 with six decimals. */
export interface Lease extends KubeObject {
  spec?: {
    holderIdentity?: string;
    leaseDurationSeconds?: number;
    acquireTime?: string;
    renewTime?: string;
    leaseTransitions?: number;
  };
}

export interface ObjectReference {
  apiVersion?: string;
  kind?: string;
  namespace?: string;
  name?: string;
  uid?: string;
  resourceVersion?: string;
  fieldPath?: string;
}

/** `events.k8s.io/v1`. */
export interface Event extends KubeObject {
  eventTime: string;
  type: 'Normal' | 'Warning';
  reason: string;
  action: string;
  note?: string;
  reportingController: string;
  reportingInstance: string;
  regarding?: ObjectReference;
  related?: ObjectReference;
  series?: { count: number; lastObservedTime: string };
}

export interface CustomResourceDefinition extends KubeObject {
  spec: {
    group: string;
    scope: 'Namespaced' | 'Cluster';
    names: { plural: string; kind: string; singular?: string; shortNames?: string[]; listKind?: string; categories?: string[] };
    versions: { name: string; served: boolean; storage: boolean; schema?: Record<string, unknown>; subresources?: Record<string, unknown>; additionalPrinterColumns?: Record<string, unknown>[] }[];
    conversion?: Record<string, unknown>;
  };
  status?: { conditions?: Condition[]; storedVersions?: string[] };
}

export const networkPolicies = defineResource<NetworkPolicy>({
  group: 'networking.k8s.io', version: 'v1', plural: 'networkpolicies', kind: 'NetworkPolicy', scope: 'Namespaced',
});
export const endpointSlices = defineResource<EndpointSlice>({
  group: 'discovery.k8s.io', version: 'v1', plural: 'endpointslices', kind: 'EndpointSlice', scope: 'Namespaced',
});
export const leases = defineResource<Lease>({ group: 'coordination.k8s.io', version: 'v1', plural: 'leases', kind: 'Lease', scope: 'Namespaced' });
export const events = defineResource<Event>({ group: 'events.k8s.io', version: 'v1', plural: 'events', kind: 'Event', scope: 'Namespaced' });
export const customResourceDefinitions = defineResource<CustomResourceDefinition>({
  group: 'apiextensions.k8s.io', version: 'v1', plural: 'customresourcedefinitions', kind: 'CustomResourceDefinition', scope: 'Cluster',
});
