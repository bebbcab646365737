import type { ServerResponse } from 'node:http';
import { apiVersionOf } from '../../resource-type.ts';
import { FakeApi, type Fault } from '../../testing/fake-api.ts';
import { answer, type ReceivedRequest, status } from '../../testing/scripted-server.ts';
import { type Widget, widgets } from '../../testing/widgets.ts';

/** A fake API server with what an operator needs besides objects: discovery, the status subresource, JSON patches of finalizers. */
export class OperatorApi {
  readonly api: FakeApi<Widget>;
  /** Runs before the answers below. */
  fault: Fault = () => 'pass';
  served: 'served' | 'unknown' = 'served';

  private constructor(api: FakeApi<Widget>) {
    this.api = api;
    api.fault = (request, response) => this.#answer(request, response);
  }

  static async start(): Promise<OperatorApi> {
    return new OperatorApi(await FakeApi.start(widgets));
  }

  /** Marks an object as a deletion does while finalizers hold it. */
  beginDeletion(namespace: string, name: string): void {
    const known = this.#known(namespace, name);
    this.api.put({ ...known, metadata: { ...known.metadata, deletionTimestamp: '2026-11-21T12:00:00Z' } });
  }

  #answer(request: ReceivedRequest, response: ServerResponse): 'handled' | 'pass' {
    if (this.fault(request, response) === 'handled') return 'handled';
    if (request.path === `/apis/${apiVersionOf(widgets)}`) {
      if (this.served === 'served') answer(response, 200, { resources: [{ name: 'widgets', kind: 'Widget', namespaced: true }] });
      else answer(response, 404, status(404, 'NotFound', 'the server could not find the requested resource'));
      return 'handled';
    }
    const [, namespace = '', name = '', subresource] = /namespaces\/([^/]+)\/widgets\/([^/]+)(\/status)?$/.exec(request.path) ?? [];
    if (subresource === undefined && request.headers['content-type'] !== 'application/json-patch+json') return 'pass';
    if (this.api.get(namespace, name) === undefined) answer(response, 404, status(404, 'NotFound', `widgets "${name}" not found`));
    else if (subresource === undefined) this.#patchFinalizers(namespace, name, request, response);
    else this.#writeStatus(namespace, name, request, response);
    return 'handled';
  }

  #writeStatus(namespace: string, name: string, { method, body }: ReceivedRequest, response: ServerResponse): void {
    const known = this.#known(namespace, name);
    const sent = JSON.parse(body) as Widget;
    if (sent.metadata.resourceVersion !== known.metadata.resourceVersion) return answer(response, 409, status(409, 'Conflict', 'the object has been modified'));
    const next = method === 'PUT' ? { status: sent.status ?? {} } : { status: { ...known.status, ...sent.status } };
    answer(response, 200, this.api.put({ ...known, ...next }));
  }

  #patchFinalizers(namespace: string, name: string, { body }: ReceivedRequest, response: ServerResponse): void {
    const known = this.#known(namespace, name);
    const operations = JSON.parse(body) as { op: string; path: string; value?: unknown }[];
    const version = operations.find(({ op, path }) => op === 'test' && path === '/metadata/resourceVersion')?.value;
    if (version !== known.metadata.resourceVersion) return answer(response, 422, status(422, 'Invalid', 'the test operation failed'));
    const { finalizers: _removed, ...metadata } = known.metadata;
    const set = operations.find(({ op }) => op === 'add')?.value as string[] | undefined;
    const written = this.api.put({ ...known, metadata: { ...metadata, ...(set ? { finalizers: set } : {}) } });
    if (set === undefined && metadata.deletionTimestamp !== undefined) this.api.remove(namespace, name);
    answer(response, 200, written);
  }

  #known(namespace: string, name: string): Widget {
    const known = this.api.get(namespace, name);
    if (known === undefined) throw new Error(`there is no widget ${namespace}/${name}`);
    return known;
  }
}
