import { describe, expect, it } from 'vitest';
import { configMaps, deployments, events, jobs, type KubeObject, pods, type ResourceType } from '@sluice/kube';
import { leaderElectionPermissions, operatorPermissions, secretPermissions } from '../../rbac/permissions.ts';
import { agentDeployments, evalRuns, releases } from '../../resources.ts';
import { isWrite } from '../api-request.ts';
import { secretValue } from '../manifests.ts';
import type { RecordedRequest } from '../recording-proxy.ts';
import type { Stage } from '../scene.ts';
import { call } from '../test-cluster.ts';

/** The table says these for API servers that check OwnerReferencesPermissionEnforcement; no request names them. */
const finalizers = '/finalizers';

/** Of pino. */
const [warnLevel, errorLevel] = [40, 50];

interface LogLine {
  readonly level: number;
  readonly key?: string;
  readonly err?: { readonly type: string; readonly message: string; readonly reason?: string };
}

/** Runs after all other stories: what they made the operator do is what it needs the right to do. */
export function rights(stage: Stage): void {
  describe('after all of this', () => {
    it('every right in the table was used, and nothing was refused but what a quota did', () => {
      const requests = ownRequests(stage);
      expect([...new Set(requests.filter(({ code }) => code === 401 || code === 403).map(inWords))]).toEqual(['deployments.apps create']);
      const granted = [...operatorPermissions, ...secretPermissions, ...leaderElectionPermissions].flatMap(({ group, resources, verbs }) =>
        resources.filter((resource) => !resource.endsWith(finalizers)).flatMap((resource) => verbs.map((verb) => inWords({ group, resource, verb }))),
      );
      const used = new Set(requests.filter(({ code }) => code !== 0).map(inWords));
      expect([...used].toSorted()).toEqual(granted.toSorted());
    });

    it('a write bound to what was seen is seldom refused', () => {
      const writes = ownRequests(stage).filter((request) => isWrite(request) && request.resource !== 'leases');
      const refused = writes.filter(({ verb, code }) => verb !== 'create' && (code === 409 || code === 422));
      expect(writes.length).toBeGreaterThan(500);
      expect(refused.length, JSON.stringify(refused.map(inWords))).toBeLessThan(writes.length / 10);
    });

    it('the rights on finalizers are those that its owner references need', () => {
      const granted = operatorPermissions.flatMap(({ group, resources }) => resources.filter((resource) => resource.endsWith(finalizers)).map((resource) => `${resource}.${group}`));
      const blocked = stage.operator().proxy.writes.flatMap(ownersBlocked);
      expect(granted.toSorted()).toEqual([...new Set(blocked)].toSorted());
    });

    it('nothing failed but what the stories made fail', () => {
      const lines = stage.operator().log.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as LogLine);
      const ofStories = lines.filter(({ key = '' }) => stage.cluster().namespaces.some((namespace) => key.startsWith(`${namespace}/`)));
      expect(ofStories.filter(({ level, err }) => level >= warnLevel && err?.reason === 'Conflict'), 'to be overtaken is no fault').toEqual([]);
      const own = ofStories.filter(({ level }) => level >= errorLevel);
      // What a story deletes may be missed by a write that is under way.
      const failures = own.filter(({ err }) => err?.reason !== 'NotFound').map(({ err }) => expectedFailure(err) ?? `${err?.type}: ${err?.message}`);
      expect([...new Set(failures)].toSorted()).toEqual(['ForeignObjectError', 'exceeded quota']);
    });

    it('says who it is in every request', () => {
      expect(new Set(stage.operator().proxy.requests.map(({ userAgent }) => userAgent))).toEqual(new Set(['sluice-operator']));
    });

    it('a key is nowhere but in its Secret: no object, no request, no log line, no metric', async () => {
      const { admin, namespaces } = stage.cluster();
      const kinds = [configMaps, deployments, pods, jobs, events, agentDeployments, releases, evalRuns] as unknown as readonly ResourceType[];
      const objects: KubeObject[] = [];
      for (const kind of kinds) for await (const object of admin.listAll(kind, {}, call)) if (namespaces.includes(object.metadata.namespace ?? '')) objects.push(object);
      expect(objects.length).toBeGreaterThan(100);
      const operator = stage.operator();
      const metrics = await operator.page('/metrics');
      expect(metrics).toContain('controller_runtime_reconcile_total');
      expect(operator.log).toContain('serves all the traffic');
      const said = [JSON.stringify(objects), JSON.stringify(operator.proxy.requests), operator.log, metrics];
      for (const form of [secretValue, Buffer.from(secretValue).toString('base64')]) expect(said.filter((text) => text.includes(form))).toEqual([]);
    });
  });
}

/** What the stories are about: names that are taken, and a quota. */
function expectedFailure(error: LogLine['err']): string | undefined {
  if (error?.type === 'ForeignObjectError') return error.type;
  return error?.reason === 'Forbidden' && error.message.includes('deployments.apps') && error.message.includes('exceeded quota') ? 'exceeded quota' : undefined;
}

/** Other test files leave namespaces that are being removed, in which the API server refuses everybody. */
function ownRequests(stage: Stage): RecordedRequest[] {
  const { namespaces } = stage.cluster();
  return stage.operator().proxy.requests.filter(({ namespace }) => namespace === '' || namespaces.includes(namespace));
}

/** "jobs.batch patch" */
export function inWords({ verb, group, resource }: Pick<RecordedRequest, 'verb' | 'group' | 'resource'>): string {
  return `${resource}${group === '' ? '' : `.${group}`} ${verb}`;
}

/** The owners whose deletion a written object holds up, as the admission check names them. */
function ownersBlocked({ body }: RecordedRequest): string[] {
  if (body === '') return [];
  const { metadata } = JSON.parse(body) as Partial<KubeObject>;
  return (metadata?.ownerReferences ?? []).flatMap(({ apiVersion, kind, blockOwnerDeletion }) =>
    blockOwnerDeletion === true ? [`${kind.toLowerCase()}s${finalizers}.${apiVersion.split('/')[0]}`] : [],
  );
}
