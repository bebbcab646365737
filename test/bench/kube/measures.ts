import {
  bytesPerObject, changesPerSecond, cpuMicrosPerEvent, cpuPerMinute, eventsPerSecond, latency, microsPer, peakRss, perSecond, reconcilesPerEvent, residentMemory, stage, whole,
} from './columns.ts';
import type { Measure, Row } from './measure.ts';
import type { Scale } from './scale.ts';

const SLUICE: Row = { name: '@sluice/kube', program: 'sluice', variant: 'default', role: 'own' };
const SLUICE_METADATA: Row = { name: '@sluice/kube, metadata only', program: 'sluice', variant: 'metadata', role: 'further' };
const CLIENT_NODE: Row = { name: '@kubernetes/client-node', program: 'client-node', variant: 'default', role: 'client-node' };
const DOT_I: Row = { name: '@dot-i/k8s-operator', program: 'dot-i', variant: 'default', role: 'further' };
const CLIENT_GO: Row = { name: 'client-go, typed JSON', program: 'client-go', variant: 'typed', role: 'client-go' };
const CLIENT_GO_DYNAMIC: Row = { name: 'client-go, dynamic JSON', program: 'client-go', variant: 'dynamic', role: 'further' };
const CLIENT_GO_PROTOBUF: Row = { name: 'client-go, typed protobuf', program: 'client-go', variant: 'protobuf', role: 'further' };

const INFORMERS = [SLUICE, SLUICE_METADATA, CLIENT_NODE, DOT_I, CLIENT_GO, CLIENT_GO_DYNAMIC, CLIENT_GO_PROTOBUF] as const;
const CACHES = [SLUICE, CLIENT_NODE, CLIENT_GO, CLIENT_GO_DYNAMIC, CLIENT_GO_PROTOBUF] as const;
const CALLERS = [SLUICE, CLIENT_NODE, CLIENT_GO, CLIENT_GO_PROTOBUF] as const;
const LISTERS: readonly Row[] = [
  { ...SLUICE, name: '@sluice/kube, pages of 500', variant: 'paged' },
  { ...SLUICE, name: '@sluice/kube, informer', variant: 'informer', role: 'further' },
  { ...CLIENT_NODE, name: '@kubernetes/client-node, whole' },
  { ...CLIENT_NODE, name: '@kubernetes/client-node, pages of 500', variant: 'paged', role: 'further' },
  { ...CLIENT_GO, name: 'client-go, typed JSON, pages of 500' },
  { ...CLIENT_GO_DYNAMIC, name: 'client-go, dynamic JSON, pages of 500' },
  { ...CLIENT_GO_PROTOBUF, name: 'client-go, typed protobuf, pages of 500' },
];

/** Namespaces of the real API server that hold the ConfigMaps. */
export const LIST_NAMESPACE = 'bench-list';
export const LIVE_NAMESPACE = 'bench-live';
export const PACE_PER_SECOND = 1000;
export const IDLE_WATCHES = 12;

const NOTHING = { events: 0, warmUp: 0, workers: 2, pageSize: 500, sequential: 0, concurrent: 0, concurrency: 32, watches: 0, seconds: 0, collect: false } as const;
const PODS = { ...NOTHING, namespace: 'bench', resource: 'pods' } as const;
const LISTED = { ...NOTHING, namespace: LIST_NAMESPACE, resource: 'configmaps' } as const;
const CANNED = { kind: 'canned', ratePerSecond: 0, bookmarkMillis: 10_000 } as const;
const API = { kind: 'api' } as const;
const ALONE = 'one after the other';
const MINUTE_MS = 60_000;

export function measuresOf(scale: Scale): readonly Measure[] {
  return [...streamMeasures(scale), ...latencyMeasures(scale), ...listMeasures(scale), ...requestMeasures(scale), idleMeasure(scale)];
}

function streamMeasures(scale: Scale): readonly Measure[] {
  return [
    {
      id: 'stream', title: `Watch to reconcile, ${whole(scale.streamEvents)} events as fast as they are read (canned server)`,
      meaning: `From the first change in a handler to the last reconcile: ${whole(scale.streamEvents)} MODIFIED events over ${whole(scale.streamObjects)} pods of about 2.8 KB. Two workers where there is a queue.`,
      backend: CANNED, scenario: 'follow', rows: INFORMERS, order: ALONE, timeoutMs: 10 * MINUTE_MS,
      spec: { ...PODS, objects: scale.streamObjects, events: scale.streamEvents },
      columns: [{ ...cpuMicrosPerEvent, judged: 'lower is better' }, { ...eventsPerSecond, judged: 'higher is better' }, reconcilesPerEvent, peakRss],
    },
  ];
}

function latencyMeasures(scale: Scale): readonly Measure[] {
  const events = scale.paceSeconds * PACE_PER_SECOND;
  const columns = [...latency, cpuMicrosPerEvent];
  return [
    {
      id: 'latency', title: `Reconcile latency at ${PACE_PER_SECOND} changes a second (canned server)`,
      meaning: 'From the moment the server writes a change to the start of its reconcile. The first second does not count.',
      backend: { ...CANNED, ratePerSecond: PACE_PER_SECOND }, scenario: 'follow', rows: INFORMERS, order: ALONE, timeoutMs: 2 * MINUTE_MS,
      spec: { ...PODS, objects: Math.min(scale.streamObjects, events), events, warmUp: Math.min(PACE_PER_SECOND, events / 4) }, columns,
    },
    {
      id: 'latency-api', title: 'Reconcile latency at the rate that the API server sustains (real API server)',
      meaning: `From the moment a writer sends a merge patch to the start of its reconcile, API server and etcd included; ${PACE_PER_SECOND} changes a second are asked for, and the server takes what it can.`,
      backend: { kind: 'api', writeRatePerSecond: PACE_PER_SECOND }, scenario: 'follow', rows: INFORMERS, order: ALONE, timeoutMs: 3 * MINUTE_MS,
      spec: { ...NOTHING, namespace: LIVE_NAMESPACE, resource: 'configmaps', objects: scale.liveObjects, events: scale.liveEvents, warmUp: scale.liveEvents / 10 },
      columns: [...columns, changesPerSecond],
    },
  ];
}

function listMeasures(scale: Scale): readonly Measure[] {
  const objects = scale.listObjects;
  const spec = { ...LISTED, objects };
  const shared = { backend: API, order: ALONE, timeoutMs: 3 * MINUTE_MS } as const;
  return [
    {
      ...shared, id: 'list', title: `List of ${whole(objects)} ConfigMaps (real API server)`, meaning: 'From the call to all objects in memory; the peak is of the whole process.',
      scenario: 'list', rows: LISTERS, spec,
      columns: [
        { name: 'seconds', of: ({ figures }) => figures['seconds'], digits: 2, judged: 'lower is better' },
        { name: 'CPU seconds', of: ({ figures }) => figures['cpuSeconds'], digits: 2 },
        { ...peakRss, judged: 'lower is better' },
      ],
    },
    {
      ...shared, id: 'start', title: `Start to synced, ${whole(objects)} ConfigMaps (real API server)`,
      meaning: 'From the start of the process to a full cache (@dot-i/k8s-operator has none: to the last of its callbacks). The imports are part of it.',
      scenario: 'cache', rows: [SLUICE, CLIENT_NODE, DOT_I, CLIENT_GO, CLIENT_GO_PROTOBUF], spec,
      columns: [
        { ...stage('imported', 'imports ms'), judged: 'lower is better' }, { ...stage('synced', 'synced ms'), judged: 'lower is better' },
        { name: 'CPU seconds', of: ({ figures }) => figures['cpuSeconds'], digits: 2 }, peakRss,
      ],
    },
    {
      ...shared, id: 'memory', title: `Memory of a cached object, ${whole(objects)} ConfigMaps (real API server)`,
      meaning: 'What heap and resident memory grew by from before the informer was made, divided by the objects, after a full collection.',
      scenario: 'cache', rows: CACHES, spec: { ...spec, collect: true },
      columns: [{ ...bytesPerObject('heap', 'heapBytesPerObject'), judged: 'lower is better' }, bytesPerObject('RSS', 'rssBytesPerObject')],
    },
  ];
}

function requestMeasures(scale: Scale): readonly Measure[] {
  const { sequential, concurrent } = scale;
  const load = { sequential, concurrent, warmUp: Math.ceil(sequential / 10) };
  const columns = [
    { ...perSecond('one at a time, requests/s', sequential, 'sequentialSeconds'), judged: 'higher is better' as const },
    { ...microsPer('one at a time, CPU µs each', sequential, 'sequentialCpuSeconds'), judged: 'lower is better' as const },
    { ...perSecond('32 at a time, requests/s', concurrent, 'concurrentSeconds'), judged: 'higher is better' as const },
    { ...microsPer('32 at a time, CPU µs each', concurrent, 'concurrentCpuSeconds'), judged: 'lower is better' as const },
  ];
  const total = whole(load.warmUp + sequential + concurrent);
  const shared = { scenario: 'requests', rows: CALLERS, order: ALONE, timeoutMs: 5 * MINUTE_MS } as const;
  return [
    {
      ...shared, id: 'requests', title: 'Requests for one pod (canned server)', meaning: `${total} GETs in all; sockets are the connections that the server saw.`,
      backend: CANNED, spec: { ...PODS, ...load, objects: Math.min(100, scale.streamObjects) },
      columns: [...columns, { name: 'sockets', of: ({ counts }) => counts['connections'], digits: 0, judged: 'lower is better' }],
    },
    { ...shared, id: 'requests-api', title: 'Requests for one ConfigMap (real API server)', meaning: `${total} GETs in all.`, backend: API, spec: { ...LISTED, ...load, objects: Math.min(100, scale.listObjects) }, columns },
  ];
}

function idleMeasure(scale: Scale): Measure {
  return {
    id: 'idle', title: `Idle: ${IDLE_WATCHES} watches for ${scale.idleSeconds} s (canned server)`,
    meaning: `Nothing but a bookmark every ${CANNED.bookmarkMillis / 1000} s for those that ask for bookmarks, ${scale.idleObjects} objects behind every watch. The contenders run side by side.`,
    backend: CANNED, scenario: 'idle', rows: CACHES.toSpliced(2, 0, DOT_I), order: 'side by side', timeoutMs: scale.idleSeconds * 1000 + MINUTE_MS,
    spec: { ...PODS, objects: scale.idleObjects, watches: IDLE_WATCHES, seconds: scale.idleSeconds },
    columns: [{ ...cpuPerMinute, judged: 'lower is better' }, { ...residentMemory, judged: 'lower is better' }],
  };
}
