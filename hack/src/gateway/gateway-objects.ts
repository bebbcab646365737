import { stringify } from 'yaml';

/** Where the controller and its Envoys live. */
export const GATEWAY_NAMESPACE = 'envoy-gateway-system';
/** The Gateway that agents and tests name as a parent: any namespace may attach routes to it. */
export const GATEWAY = { namespace: GATEWAY_NAMESPACE, name: 'sluice', className: 'sluice', listener: 'http', port: 80 } as const;
/** Tells which version of the installation the Gateway is the last part of. */
export const INSTALLED_ANNOTATION = 'sluice.dev/gateway-installation';

const CONTROLLER_NAME = 'gateway.envoyproxy.io/gatewayclass-controller';

/** The class, how its Envoys are run, and one Gateway. `installation` marks what they belong to. */
export function gatewayObjects(envoyImage: string, installation: string): string {
  const proxy = { group: 'gateway.envoyproxy.io', kind: 'EnvoyProxy', name: GATEWAY.name, namespace: GATEWAY_NAMESPACE };
  const kubernetes = {
    // No cloud gives a load balancer an address here; the Service range is routed to the node.
    envoyService: { type: 'ClusterIP' },
    envoyDeployment: { container: { image: envoyImage, resources: { requests: { cpu: '50m', memory: '64Mi' } } } },
  };
  const objects = [
    {
      apiVersion: 'gateway.envoyproxy.io/v1alpha1',
      kind: 'EnvoyProxy',
      metadata: { name: proxy.name, namespace: proxy.namespace },
      spec: { provider: { type: 'Kubernetes', kubernetes } },
    },
    {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'GatewayClass',
      metadata: { name: GATEWAY.className },
      spec: { controllerName: CONTROLLER_NAME, parametersRef: proxy },
    },
    {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'Gateway',
      metadata: { name: GATEWAY.name, namespace: GATEWAY.namespace, annotations: { [INSTALLED_ANNOTATION]: installation } },
      spec: {
        gatewayClassName: GATEWAY.className,
        listeners: [{ name: GATEWAY.listener, port: GATEWAY.port, protocol: 'HTTP', allowedRoutes: { namespaces: { from: 'All' } } }],
      },
    },
  ];
  return objects.map((object) => stringify(object)).join('---\n');
}
