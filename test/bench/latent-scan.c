// The peer of device/matching/latent: the cosines of one latent of bytes with many, as plain as C can say it.
// cc -O3 -march=native -o latent-scan latent-scan.c -lm; ./latent-scan LENGTH COUNT ROUNDS
// Prints the milliseconds of each round, and at last the sum of all cosines, so that nothing is left out.
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return 1e3 * t.tv_sec + 1e-6 * t.tv_nsec;
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  const int length = atoi(argv[1]), count = atoi(argv[2]), rounds = atoi(argv[3]);
  int8_t *latents = malloc((size_t)length * count), *probe = malloc(length);
  float *scales = malloc(sizeof(float) * count), *scores = malloc(sizeof(float) * count);
  uint32_t state = 1;
  for (size_t k = 0; k < (size_t)length * count; k++) latents[k] = (int8_t)((state = state * 1664525u + 1013904223u) >> 24);
  for (int k = 0; k < length; k++) probe[k] = (int8_t)((state = state * 1664525u + 1013904223u) >> 24);
  for (int row = 0; row < count; row++) {
    int squares = 0;
    for (int k = 0; k < length; k++) squares += latents[(size_t)row * length + k] * latents[(size_t)row * length + k];
    scales[row] = 1 / sqrtf((float)squares);
  }
  int squares = 0;
  for (int k = 0; k < length; k++) squares += probe[k] * probe[k];
  const float scale = 1 / sqrtf((float)squares);
  double sum = 0;
  for (int round = 0; round < rounds; round++) {
    const double start = now();
    for (int row = 0; row < count; row++) {
      const int8_t *latent = latents + (size_t)row * length;
      int dot = 0;
      for (int k = 0; k < length; k++) dot += probe[k] * latent[k];
      scores[row] = dot * scale * scales[row];
    }
    printf("%f\n", now() - start);
    for (int row = 0; row < count; row++) sum += scores[row];
  }
  printf("sum %f\n", sum);
  return 0;
}
