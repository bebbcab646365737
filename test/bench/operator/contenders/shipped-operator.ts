import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildOperator } from '../../../../operator/build/bundle.ts';
import { BenchError } from '../../kube/bench-error.ts';

/** How the image starts the operator where its chart runs it. */
export interface Shipped {
  /** Flags of node, the chart's first. */
  readonly flags: readonly string[];
  /** Of the image. */
  readonly env: Readonly<Record<string, string>>;
  /** Path of the bundle's file. */
  readonly program: string;
}

const repository = (path: string): string => fileURLToPath(new URL(`../../../../${path}`, import.meta.url));
/** What of the image's environment says where things are in it. */
const PLACES = ['HOME', 'PATH'];

/** Builds the bundle into `folder` as the image does, and reads how it is started. Throws BenchError. */
export async function shippedOperator(folder: string): Promise<Shipped> {
  await buildOperator(folder);
  const read = (path: string): Promise<string> => readFile(repository(path), 'utf8');
  const [dockerfile, deployment, values] = await Promise.all([read('Dockerfile.operator'), read('charts/sluice/templates/deployment.yaml'), read('charts/sluice/values.yaml')]);
  const { program, ...shipped } = readShipped({ dockerfile, deployment, values });
  return { ...shipped, program: join(folder, program) };
}

/** Throws BenchError when one of the files does not say it where it is looked for. */
export function readShipped({ dockerfile, deployment, values }: { readonly dockerfile: string; readonly deployment: string; readonly values: string }): Shipped {
  const command = JSON.parse(found('an ENTRYPOINT in Dockerfile.operator', /^ENTRYPOINT (\[.*\])$/m, dockerfile)) as string[];
  const heap = found('heapMebibytes in the values of the chart', /^heapMebibytes: (\d+)$/m, values);
  const semiSpace = found('semiSpaceMebibytes in the values of the chart', /^semiSpaceMebibytes: (\d+)$/m, values);
  const options = found('NODE_OPTIONS in the Deployment of the chart', /name: NODE_OPTIONS\s+value: \{\{ printf "([^"]*)" \(int \.Values\.heapMebibytes\) \(int \.Values\.semiSpaceMebibytes\)/, deployment);
  const variables = found('ENV in Dockerfile.operator', /^ENV (.*)$/m, dockerfile).split(' ').map((pair) => pair.split('=') as [string, string]);
  return {
    flags: [...options.replace('%d', heap).replace('%d', semiSpace).split(' '), ...command.slice(1, -1)],
    env: Object.fromEntries(variables.filter(([name]) => !PLACES.includes(name))),
    program: command.at(-1) ?? '',
  };
}

function found(what: string, pattern: RegExp, text: string): string {
  const value = pattern.exec(text)?.[1];
  if (value === undefined) throw new BenchError(`there is no ${what}: the benchmark starts what is shipped, so let readShipped look where it is now`);
  return value;
}
