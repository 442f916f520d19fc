/** Figures of monitoring systems. */
import type { MetricsSource } from './port';
import { createPrometheus, type PrometheusDeps } from './prometheus';

export const createMetricsSource = (deps: PrometheusDeps): MetricsSource => createPrometheus(deps);
