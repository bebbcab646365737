import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AgentDeployment, ModelProvider } from '@sluice/crds';
import { type Applied, installCrds, type KubeObject, readCrdFile } from '@sluice/kube';
import { freePorts } from '../../../../hack/src/cluster/free-ports.ts';
import { agentDeployments, modelProviders } from '../../../../operator/src/resources.ts';
import { type Contender, REPLICAS, STEP_SECONDS, STEP_WEIGHTS } from '../contender.ts';
import { SYSTEM_NAMESPACE } from '../controller-user.ts';
import { shippedOperator } from './shipped-operator.ts';

const MANIFESTS = fileURLToPath(new URL('../../../../crds/manifests/', import.meta.url));
export const PROVIDER = 'simulator';

const provider: Omit<ModelProvider, 'metadata'> = {
  apiVersion: 'sluice.dev/v1alpha1', kind: 'ModelProvider',
  spec: { kind: 'OpenAI', endpoint: 'http://simulator.example.com:8000/v1', apiKeySecretRef: { name: 'provider-key', key: 'api-key' } },
};

/** The operator as its image and its chart start it. */
export const sluice: Contender = {
  id: 'sluice',
  name: 'Sluice',
  resource: agentDeployments,
  reconciles: { metric: 'controller_runtime_reconcile_time_seconds', labels: { controller: 'agentdeployment' } },
  install: async ({ admin }, call) => {
    const files = (await readdir(MANIFESTS)).toSorted();
    await installCrds(admin, await Promise.all(files.map((file) => readCrdFile(join(MANIFESTS, file)))), { fieldManager: 'bench' }, call);
  },
  furnish: async ({ admin }, namespace, call) => {
    await admin.create(modelProviders, { ...provider, metadata: { namespace, name: PROVIDER } }, call);
  },
  build: async (folder) => {
    const { program, flags, env } = await shippedOperator(join(folder, 'operator'));
    return { command: process.execPath, flags, operands: [program], env };
  },
  launch: async ({ command, flags, operands, env }, { kubeconfig, nodeFlags, concurrency, namespace = '' }) => {
    const [port] = await freePorts(1);
    const url = `http://127.0.0.1:${port}`;
    return {
      command, args: [...flags, ...nodeFlags, ...operands],
      env: { ...env, KUBECONFIG: kubeconfig, POD_NAME: 'bench', POD_NAMESPACE: namespace === '' ? SYSTEM_NAMESPACE : namespace, SLUICE_WATCH_NAMESPACES: namespace, SLUICE_HOST: '127.0.0.1', SLUICE_PORT: String(port), ...(concurrency === undefined ? {} : { SLUICE_CONCURRENCY: String(concurrency) }) },
      readyUrl: `${url}/readyz`, metricsUrl: `${url}/metrics`,
    };
  },
  unit: ({ namespace, name }): Applied<AgentDeployment> => ({
    apiVersion: 'sluice.dev/v1alpha1', kind: 'AgentDeployment', metadata: { namespace, name },
    spec: {
      agent: { image: 'agent:bench', model: { providerRef: { name: PROVIDER }, name: 'sim-1' }, prompt: { inline: 'You answer questions about orders.' } },
      access: { anonymous: 'Allowed' },
      replicas: REPLICAS,
      rollout: { steps: STEP_WEIGHTS.map((weight) => ({ weight, duration: `${STEP_SECONDS}s` })) },
    },
  }),
  change: { spec: { agent: { prompt: { inline: 'You answer questions about orders and returns.' } } } } as object,
  settled: (unit: KubeObject) => {
    const { metadata, status } = unit as AgentDeployment;
    return status?.phase === 'Healthy' && status.observedGeneration === metadata.generation;
  },
};
