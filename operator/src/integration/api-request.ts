/** What a request to the API server asks for, in the words of RBAC. */
export interface ApiRequest {
  readonly verb: string;
  /** '' is the core group. */
  readonly group: string;
  /** With its subresource, such as `releases/status`. */
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
}

const writeVerbs: Readonly<Record<string, string>> = { POST: 'create', PUT: 'update', PATCH: 'patch' };

/** The request as the API server's authorizer sees it; undefined for a path that is no resource, such as /version. */
export function parseApiRequest(method: string, target: string): ApiRequest | undefined {
  const url = new URL(target, 'http://api');
  const parts = url.pathname.split('/').filter((part) => part !== '').map(decodeURIComponent);
  const [root, first] = parts;
  if (root !== 'api' && root !== 'apis') return undefined;
  const group = root === 'api' ? '' : (first ?? '');
  const rest = parts.slice(root === 'api' ? 2 : 3);
  const inNamespace = rest[0] === 'namespaces' && rest.length > 2;
  const [plural, name = '', subresource] = inNamespace ? rest.slice(2) : rest;
  if (plural === undefined) return undefined;
  const resource = subresource === undefined ? plural : `${plural}/${subresource}`;
  return { verb: verbOf(method, name, url.searchParams), group, resource, namespace: inNamespace ? (rest[1] ?? '') : '', name };
}

function verbOf(method: string, name: string, query: URLSearchParams): string {
  if (method === 'DELETE') return name === '' ? 'deletecollection' : 'delete';
  const write = writeVerbs[method];
  if (write !== undefined) return write;
  if (name !== '') return 'get';
  return query.get('watch') === 'true' ? 'watch' : 'list';
}

export function isWrite({ verb }: Pick<ApiRequest, 'verb'>): boolean {
  return !['get', 'list', 'watch'].includes(verb);
}
