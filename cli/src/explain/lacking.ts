import { type AgentDeployment, nearestName } from '@sluice/crds';
import { isUnreadable } from '@sluice/operator/src/release/holds/spec-unreadable.ts';
import type { Edit } from './edits.ts';

const onceThere = 'try it again, once it is there';

/** What the operator adds to the sentence about a spec that it cannot use. */
const aftermath = /; (?:revision \S+ keeps serving|release \S+ stands until then)\b.*$/s;

/** The field because of which nobody can tell what the spec asks for: whatever failed before is not what is to be changed. Undefined where the spec can be used. `providers`: names of the ModelProviders there are. */
export function editOfSpec({ status }: Pick<AgentDeployment, 'status'>, providers: readonly string[] = []): Edit | undefined {
  const { reason = '', message = '' } = status?.conditions?.find(({ type, status: holds }) => type === 'Ready' && holds === 'False') ?? {};
  const [, field, problem = ''] = isUnreadable(reason) ? (/^(spec\.\S*[^\s:]):? (.+)$/s.exec(message.replace(aftermath, '')) ?? []) : [];
  return field === undefined ? undefined : { what: `correct ${field}: ${problem.replace(/; create it$/, ', or create it')}${meant(problem, providers)}`, retry: onceThere };
}

function meant(problem: string, providers: readonly string[]): string {
  const [, missing] = /ModelProvider "([^"]+)"/.exec(problem) ?? [];
  const nearest = missing === undefined ? undefined : nearestName(missing, providers);
  return nearest === undefined ? '' : `; "${nearest}" is there`;
}

/** `KIND "NAME" does not exist in this namespace (FIELD of KIND "NAME")`; the object that names it is not always known. */
const absent = /\b(Secret|ConfigMap|EvalSuite) "([^"]+)" does not exist in this namespace(?: \((\S+) of (?:the )?(\w+)(?: "([^"]+)")?\))?/;

/** What the kubelet says of an object that a pod names in its template; the field is not known. */
const unfound = /\b(secret|configmap) "([^"]+)" not found/i;
const keyUnfound = /couldn't find key (\S+) in (Secret|ConfigMap) (?:[^/\s]+\/)?([a-z0-9][a-z0-9.-]*)/;

/** What a container says of a key that it did not get, with the names that the operator adds. */
const keyless = /the key is "([^"]+)" of Secret "([^"]+)" \((\S+) of (?:the )?(\w+)(?: "([^"]+)")?\)/;

/** An object that is named and is not there, by the words of the operator; undefined where they tell of none. */
export function editOfLacking(words: readonly string[]): Edit | undefined {
  return words.flatMap((text) => ofAbsent(text) ?? ofKey(text) ?? ofKubelet(text) ?? [])[0];
}

function ofAbsent(text: string): Edit | undefined {
  const [found, kind, name, field, owner, ownerName] = absent.exec(text) ?? [];
  if (found === undefined) return undefined;
  if (kind === 'EvalSuite') return { what: `create EvalSuite "${name}", or correct spec.rollout.gates.evals[].suiteRef.name, which names it`, retry: onceThere };
  return { what: `create ${kind} "${name}"${orCorrect(field, owner, ownerName)}`, ...objectOf(owner, ownerName), retry: onceThere };
}

function ofKey(text: string): Edit | undefined {
  const [found, key, secret, field, owner, ownerName] = keyless.exec(text) ?? [];
  if (found === undefined) return undefined;
  return { what: `see that Secret "${secret}" exists, and that its key "${key}" is the one that the provider gave you${orCorrect(field, owner, ownerName)}`, ...objectOf(owner, ownerName), retry: onceThere };
}

function ofKubelet(text: string): Edit | undefined {
  const [, word, name] = unfound.exec(text) ?? [];
  if (word !== undefined) return { what: `create ${kindOf(word)} "${name}", or correct what names it (spec.agent, spec.template)`, retry: onceThere };
  const [, key, kind, holder] = keyUnfound.exec(text) ?? [];
  return key === undefined ? undefined : { what: `add key "${key}" to ${kind} "${holder}", or correct what names it (spec.agent, spec.template)`, retry: onceThere };
}

function kindOf(word: string): string {
  return word.toLowerCase() === 'secret' ? 'Secret' : 'ConfigMap';
}

function orCorrect(field: string | undefined, owner: string | undefined, name: string | undefined): string {
  return field === undefined ? '' : `, or correct ${field} of ${owner}${name === undefined ? '' : ` "${name}"`}, which names it`;
}

function objectOf(owner: string | undefined, name: string | undefined): Pick<Edit, 'object'> {
  return owner === undefined || name === undefined ? {} : { object: `${owner.toLowerCase()} ${name}` };
}
