import { nearestName } from '@sluice/crds';
import type { Environment } from './environment.ts';
import { serverVariables } from './variables.ts';

/** What Kubernetes tells each container of the Services of its namespace. */
const ofServices = /_(?:SERVICE_(?:HOST|PORT)(?:_.+)?|PORT(?:_\d+_(?:TCP|UDP)(?:_.+)?)?)$/;

const prefix = 'SLUICE_';
/** Those of the command "eval". */
const ofEvaluations = 'SLUICE_EVAL_';

/** Variables that no server reads, with the one that is written much like them. */
export function misspeltVariables(environment: Environment): readonly { readonly name: string; readonly meant: string }[] {
  const known = serverVariables.map(({ name }) => name).filter((name) => name.startsWith(prefix));
  const unknown = Object.keys(environment).filter((name) => name.startsWith(prefix) && !known.includes(name) && !name.startsWith(ofEvaluations) && !ofServices.test(name));
  return unknown.toSorted().flatMap((name) => {
    // What all names begin with would make any two alike.
    const meant = nearestName(name.slice(prefix.length), known.map((each) => each.slice(prefix.length)));
    return meant === undefined ? [] : [{ name, meant: `${prefix}${meant}` }];
  });
}
