import type { AgentDeploymentSpec } from '@sluice/crds';
import type { PodTemplateSpec } from '@sluice/kube';
import { describe, expect, it } from 'vitest';
import { renderBundle } from './bundle.ts';
import { renderPodTemplate } from './pod-template.ts';
import { sampleAgent, sampleProvider } from './testing/sample-agent.ts';

function render(template?: AgentDeploymentSpec['template'], provider = sampleProvider(), agentPart = {}): PodTemplateSpec {
  const agent = sampleAgent({ agent: agentPart, spec: template === undefined ? {} : { template } });
  return renderPodTemplate({ agent, provider, bundle: renderBundle(agent, provider, 'p'), image: 'example.com/sluice/runtime:1.2.3', revision: '0123456789' });
}

describe('renderPodTemplate', () => {
  it('is exactly this for a plain agent', () => {
    expect(render()).toEqual({
      metadata: {
        labels: {
          'app.kubernetes.io/name': 'support', 'app.kubernetes.io/component': 'agent', 'app.kubernetes.io/managed-by': 'sluice',
          'sluice.dev/agent': 'support', 'sluice.dev/revision': '0123456789',
        },
      },
      spec: {
        serviceAccountName: 'support',
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        terminationGracePeriodSeconds: 79,
        securityContext: {
          runAsNonRoot: true, runAsUser: 65_532, runAsGroup: 65_532, fsGroup: 65_532, fsGroupChangePolicy: 'OnRootMismatch', seccompProfile: { type: 'RuntimeDefault' },
        },
        topologySpreadConstraints: [{
          maxSkew: 1, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'ScheduleAnyway',
          labelSelector: { matchLabels: { 'sluice.dev/agent': 'support', 'sluice.dev/revision': '0123456789' } },
        }],
        containers: [{
          name: 'agent',
          image: 'example.com/sluice/runtime:1.2.3',
          args: ['serve'],
          terminationMessagePolicy: 'FallbackToLogsOnError',
          ports: [{ name: 'http', containerPort: 8080 }, { name: 'mirror', containerPort: 8082 }],
          env: [
            { name: 'SLUICE_BUNDLE_FILE', value: '/etc/sluice/bundle/agent.json' },
            { name: 'SLUICE_REVISION', value: '0123456789' },
            { name: 'SLUICE_PROVIDER_API_KEY_FILE', value: '/var/run/secrets/sluice/provider/api-key' },
            { name: 'SLUICE_DRAIN_TIMEOUT', value: '64s' },
            { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
          ],
          resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '512Mi' } },
          volumeMounts: [
            { name: 'sluice-bundle', mountPath: '/etc/sluice/bundle', readOnly: true },
            { name: 'sluice-provider', mountPath: '/var/run/secrets/sluice/provider', readOnly: true },
            { name: 'sluice-tmp', mountPath: '/tmp' },
          ],
          startupProbe: { httpGet: { path: '/healthz', port: 'http' }, periodSeconds: 1, failureThreshold: 120 },
          livenessProbe: { httpGet: { path: '/healthz', port: 'http' }, timeoutSeconds: 5, failureThreshold: 6 },
          readinessProbe: { httpGet: { path: '/readyz', port: 'http' }, periodSeconds: 2, timeoutSeconds: 2 },
          lifecycle: { preStop: { sleep: { seconds: 5 } } },
          securityContext: { runAsNonRoot: true, allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
        }],
        volumes: [
          { name: 'sluice-bundle', configMap: { name: 'support-0123456789', items: [{ key: 'agent.json', path: 'agent.json' }] } },
          { name: 'sluice-provider', secret: { secretName: 'anthropic-key', items: [{ key: 'token', path: 'api-key' }], defaultMode: 0o440, optional: true } },
          { name: 'sluice-tmp', emptyDir: {} },
        ],
      },
    });
  });

  it('mounts no key and names no key file when the provider needs none', () => {
    const { apiKeySecretRef: _, ...spec } = sampleProvider({ endpoint: 'http://llm.local:8000' }).spec;
    const text = JSON.stringify(render(undefined, { ...sampleProvider(), spec }));
    expect(text).not.toContain('SLUICE_PROVIDER_API_KEY_FILE');
    expect(text).not.toContain('/var/run/secrets');
  });

  it.each(['Always', 'Never'] as const)('takes imagePullPolicy %s', (imagePullPolicy) => {
    expect(render(undefined, sampleProvider(), { imagePullPolicy }).spec.containers[0]?.imagePullPolicy).toBe(imagePullPolicy);
  });

  it('lets the user choose the grace period and drains within it', () => {
    const template = render({ spec: { terminationGracePeriodSeconds: 30 } });
    expect(template.spec.terminationGracePeriodSeconds).toBe(30);
    expect(template.spec.containers[0]?.env).toContainEqual({ name: 'SLUICE_DRAIN_TIMEOUT', value: '15s' });
  });
});

describe('renderPodTemplate meets the restricted pod security standard', () => {
  const { spec } = render({ spec: { containers: [{ name: 'proxy', image: 'example.com/proxy:1', securityContext: { allowPrivilegeEscalation: false } }] } });

  it('for the pod', () => {
    expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 65_532, seccompProfile: { type: 'RuntimeDefault' } });
    expect(spec['hostNetwork' as keyof typeof spec]).toBeUndefined();
  });

  it('for the container of the agent', () => {
    const container = spec.containers[0];
    expect(container?.securityContext).toEqual({ runAsNonRoot: true, allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } });
  });

  it('and gives no pod a token of the Kubernetes API', () => {
    expect(spec.automountServiceAccountToken).toBe(false);
  });

  it('with the Secret readable for the group of the agent and for nobody else', () => {
    const secret = spec.volumes?.find((volume) => volume.name === 'sluice-provider')?.['secret'] as { defaultMode: number };
    expect(secret.defaultMode.toString(8)).toBe('440');
    expect(spec.securityContext?.['fsGroup']).toBe(65_532);
  });
});
