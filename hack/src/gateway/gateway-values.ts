import { GatewayError } from './gateway-error.ts';
import type { GatewayImages } from './gateway-images.ts';

const PULL_POLICY = 'IfNotPresent';
const PLACEHOLDER = /\$\{(\w+)\}/g;

/** The values that the module's chart carries as a template, with the images of this cluster. Throws GatewayError at a placeholder that is not known. */
export function fillValues(template: string, images: GatewayImages): string {
  const known: Readonly<Record<string, string>> = { GatewayImage: images.controller, GatewayImagePullPolicy: PULL_POLICY };
  return template.replaceAll(PLACEHOLDER, (_, name: string) => {
    const value = known[name];
    if (value === undefined) throw new GatewayError(`the values of Envoy Gateway's chart ask for ${name}: add it to gateway-values.ts`);
    return value;
  });
}

/** What differs from the chart's defaults, as helm's --set takes it. */
export function ownSettings(images: GatewayImages): readonly string[] {
  return [
    // Applied beforehand: they are too large for a client-side apply, and a chart never upgrades them.
    'crds.enabled=false',
    `global.images.envoyProxy.image=${images.envoy}`,
    `global.images.envoyProxy.pullPolicy=${PULL_POLICY}`,
    // It tells Envoy the zone of its node: there is one node.
    'topologyInjector.enabled=false',
  ];
}
