import type { KubeObject } from '../object.ts';
import { defineResource } from '../resource-type.ts';
import type { CustomResourceDefinition } from '../resources/cluster.ts';

/** A small kind with a status, for tests. */
export interface Widget extends KubeObject {
  spec: { size: number; color?: string };
  status?: { observedSize?: number; phase?: string };
}

export const widgets = defineResource<Widget>({ group: 'kube-tests.sluice.dev', version: 'v1', plural: 'widgets', kind: 'Widget', scope: 'Namespaced' });

export const widgetDefinition: CustomResourceDefinition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.kube-tests.sluice.dev' },
  spec: {
    group: 'kube-tests.sluice.dev',
    scope: 'Namespaced',
    names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' },
    versions: [{
      name: 'v1', served: true, storage: true, subresources: { status: {} },
      schema: {
        openAPIV3Schema: {
          type: 'object',
          properties: {
            spec: { type: 'object', required: ['size'], properties: { size: { type: 'integer', minimum: 1 }, color: { type: 'string' } } },
            status: { type: 'object', properties: { observedSize: { type: 'integer' }, phase: { type: 'string' } } },
          },
        },
      },
    }],
  },
};

export function widget(name: string, namespace: string, size = 1): Widget {
  return { apiVersion: 'kube-tests.sluice.dev/v1', kind: 'Widget', metadata: { name, namespace }, spec: { size } };
}
