import { fileURLToPath } from 'node:url';
import { runGenerator } from '@sluice/crds/generate';
import { argocdConfigMap } from './config-map.ts';

process.exitCode = await runGenerator({
  root: fileURLToPath(new URL('../../', import.meta.url)),
  files: new Map([['argocd/argocd-cm.yaml', await argocdConfigMap()]]),
  args: process.argv.slice(2),
  print: (text) => process.stdout.write(text),
});
