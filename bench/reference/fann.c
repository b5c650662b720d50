/* The tutorial's workloads and single rows by FANN, compiled once for each of its number types:
 *
 *     cc -O3 -DDOUBLE bench/reference/fann.c -ldoublefann -lm -o target/fann-double && target/fann-double W2
 *     cc -O3 bench/reference/fann.c -lfloatfann -lm -o target/fann-float && target/fann-float W6b
 *
 * Prints one JSON line, seconds as the median of nine runs (of one for W6c). Every unit of FANN has a bias. Its relu ends
 * at 1. It takes a step after each row or after all rows, never after 64, so that it has no part in W3 to W5. */

#define _POSIX_C_SOURCE 199309L
#ifdef DOUBLE
#include <doublefann.h>
#else
#include <floatfann.h>
#endif
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double seconds(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static struct fann *network(int n_layers, const unsigned *sizes, enum fann_activationfunc_enum hidden,
                            enum fann_activationfunc_enum output) {
    struct fann *network = fann_create_standard_array((unsigned)n_layers, sizes);
    fann_set_activation_function_hidden(network, hidden);
    fann_set_activation_function_output(network, output);
    return network;
}

/* Data of four rows; the last column of the inputs is the constant that the tutorial uses as a bias. */
static struct fann_train_data *table(const fann_type x[4][3]) {
    static const fann_type t[4] = {0, 1, 1, 0};
    struct fann_train_data *data = fann_create_train(4, 3, 1);
    for (int row = 0; row < 4; row++) {
        memcpy(data->input[row], x[row], 3 * sizeof(fann_type));
        data->output[row][0] = t[row];
    }
    return data;
}

/* The rate is divided by the number of rows. */
static double w1(void) {
    static const fann_type x[4][3] = {{0, 0, 1}, {1, 1, 1}, {1, 0, 1}, {0, 1, 1}};
    struct fann *neuron = network(2, (unsigned[]){3, 1}, FANN_SIGMOID, FANN_SIGMOID);
    struct fann_train_data *data = table(x);
    fann_set_training_algorithm(neuron, FANN_TRAIN_BATCH);
    fann_set_train_error_function(neuron, FANN_ERRORFUNC_LINEAR);
    fann_set_learning_rate(neuron, 4);
    for (int i = 0; i < 10000; i++)
        fann_train_epoch(neuron, data);
    double loss = fann_test_data(neuron, data);
    fann_destroy_train(data), fann_destroy(neuron);
    return loss;
}

static double w2(void) {
    static const fann_type x[4][3] = {{0, 0, 1}, {0, 1, 1}, {1, 0, 1}, {1, 1, 1}};
    struct fann *layers = network(3, (unsigned[]){3, 4, 1}, FANN_SIGMOID, FANN_SIGMOID);
    struct fann_train_data *data = table(x);
    fann_set_training_algorithm(layers, FANN_TRAIN_INCREMENTAL);
    fann_set_train_error_function(layers, FANN_ERRORFUNC_LINEAR);
    fann_set_learning_momentum(layers, 0);
    fann_set_learning_rate(layers, 0.1F);
    double loss = 0;
    for (int epoch = 0; epoch < 20000; epoch++) {
        for (int row = 0; row < 4; row++)
            fann_train(layers, data->input[row], data->output[row]);
        loss = fann_test_data(layers, data);
    }
    fann_destroy_train(data), fann_destroy(layers);
    return loss;
}

/* The mean output of n rows, the rows at hand taken again and again. */
static double forward(struct fann *layers, const fann_type *rows, int n_rows, unsigned n_inputs, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += fann_run(layers, (fann_type *)rows + (size_t)(i % n_rows) * n_inputs)[0];
    return sum / n;
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int count, char **arguments) {
    const char *workload = count > 1 ? arguments[1] : "";
    const int is_double = sizeof(fann_type) == sizeof(double);
    const char *own = is_double ? "W1 W2 W6a" : "W6b W6c";
    if (strlen(workload) < 2 || !strstr(own, workload)) {
        fprintf(stderr, "usage: fann %s\n", own);
        return 3;
    }
    const int n_rows = strcmp(workload, "W6c") == 0 ? 100000 : 64, n_runs = n_rows == 64 ? 9 : 1;
    const int n = is_double ? 100000 : n_rows == 64 ? 2000 : n_rows;
    const unsigned n_inputs = is_double ? 3 : 784;
    struct fann *layers = is_double ? network(3, (unsigned[]){3, 4, 1}, FANN_SIGMOID, FANN_LINEAR)
                                    : network(3, (unsigned[]){784, 128, 10}, FANN_LINEAR_PIECE, FANN_LINEAR);
    fann_type *rows = malloc((size_t)n_rows * n_inputs * sizeof *rows);
    for (size_t i = 0; i < (size_t)n_rows * n_inputs; i++)
        rows[i] = (fann_type)(rand() / (double)RAND_MAX - 0.5);
    double walls[9], cpus[9], checksum = 0;
    for (int i = 0; i < n_runs; i++) {
        walls[i] = seconds(CLOCK_MONOTONIC), cpus[i] = seconds(CLOCK_PROCESS_CPUTIME_ID);
        checksum = strcmp(workload, "W1") == 0   ? w1()
                   : strcmp(workload, "W2") == 0 ? w2()
                                                 : forward(layers, rows, n_rows, n_inputs, n);
        walls[i] = seconds(CLOCK_MONOTONIC) - walls[i], cpus[i] = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpus[i];
    }
    qsort(walls, (size_t)n_runs, sizeof *walls, by_size), qsort(cpus, (size_t)n_runs, sizeof *cpus, by_size);
    const double per = workload[1] == '6' && n_rows == 64 ? 1.0 / n : 1;
    printf("{\"workload\": \"%s\", \"seconds\": %.12f, \"cpu_seconds\": %.12f, \"checksum\": %.17g}\n", workload,
           walls[n_runs / 2] * per, cpus[n_runs / 2] * per, checksum);
    return 0;
}
