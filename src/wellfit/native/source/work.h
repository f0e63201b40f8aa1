// What is computed, as plain numbers and pointers: no type of a library is seen by code compiled for one processor.
#pragma once

#include <cstdint>

namespace wellfit {

enum : int { MOST_LAYERS = 32, MOST_DRAWS = 32 };

enum Activation : int { IDENTITY, RELU, SIGMOID, TANH };
enum Loss : int { LOGISTIC, SOFTMAX, SQUARED };
enum Method : int { ADAM, CLASSIC_ADAM };
enum Kind : int { GATHER, FORWARD, FORWARD_AFTER, LOSS, BACKWARD_AFTER, BACKWARD, PARTS, UPDATE };

struct Phase {
  Kind kind;
  int layer;
};
enum : int { MOST_PASSES = 4 * MOST_LAYERS + 2 };

// A chain of dense layers y_l = act(y_{l-1} W_l + b_l), y_0 = x, for some rows, forward and backward.
template <typename Real>
struct Chain {
  long rows;
  int layers;
  int threads;                      // how finely the work is cut up; no bit of any result depends on it
  unsigned rectified;               // bit l: act is max(0, .) after layer l
  long width[MOST_LAYERS + 1];      // of x, y_1, ...
  const Real* x;
  const Real* w[MOST_LAYERS];
  const Real* b[MOST_LAYERS];
  Real* y[MOST_LAYERS];
  Real* d[MOST_LAYERS];             // gradients of what the activations are applied to
  Real factor[MOST_LAYERS];         // of the gradient through what follows layer l
  Real* dw[MOST_LAYERS];
  Real* db[MOST_LAYERS];
};

// Some steps of training: rows in a given order, a chain of dense layers, a loss, Adam.
template <typename Real>
struct Steps {
  // the structure
  int layers;
  long width[MOST_LAYERS + 1];
  int activation[MOST_LAYERS];      // after each layer but the last
  int dropout[MOST_LAYERS];         // the column of its rate in the table, or -1
  std::uint32_t stream[MOST_LAYERS];  // of its noise
  Loss loss;
  Method method;
  bool classic;                     // scikit-learn's rule for what a batch is divided by and what is reported
  long batch;

  // the rows
  const Real *x, *w;
  const void* y;                    // class numbers (int32) for SOFTMAX, Real (n, outputs) else
  const std::int32_t* order;
  long n;

  // numbers of every step of an epoch: learning rate, decoupled decay, rates of dropout
  const Real* table;
  int columns;

  // the numbers
  long within, todo, step, count;
  std::uint32_t seed;
  Real beta1, beta2, epsilon, each, total, constant, precision, averaged;
  const Real* ridge;                // of each layer's weights

  // what changes
  Real *p[2 * MOST_LAYERS], *m[2 * MOST_LAYERS], *v[2 * MOST_LAYERS];
  Real loss_sum, weight_sum;
  long done;
  bool bad;

  // what follows from the structure
  Phase passes[MOST_PASSES];        // through the network and back, one after another
  int count_of_passes;
  int parts;                        // into how many the rows of a batch are divided, each with its own gradient

  // the present step
  int threads;
  Chain<Real> part[2];
  long first[2];                    // its first row in the batch
  Real lost[2];
  Real *inputs, *weights;
  Real divisor, batch_weight;
  Real factor1, factor2;            // of Adam's means
  Real* squares;                    // of each piece of the parameters
  const Real* now;                  // the table's line
};

// Work is done in phases, one after another; the units of a phase in any order, by anybody.
template <typename Real>
struct Kernels {
  void (*prepare)(Steps<Real>& steps);                    // what follows from the structure
  long (*room)(const Steps<Real>& steps);                 // numbers of memory that steps need
  void (*place)(Steps<Real>& steps, Real* memory);
  void (*begin)(Steps<Real>& steps);                      // before a step
  int (*phases)(const Steps<Real>& steps);
  int (*units)(const void* steps, int phase);
  void (*unit)(const void* steps, int phase, int unit);
  void (*end)(Steps<Real>& steps);                        // after it
};

// By the kind of number: the argument's type is all that matters.
namespace base {
const Kernels<float>& kernels(float);
const Kernels<double>& kernels(double);
}  // namespace base
#if defined(__x86_64__)
namespace avx2 {
const Kernels<float>& kernels(float);
const Kernels<double>& kernels(double);
}  // namespace avx2
namespace avx512 {
const Kernels<float>& kernels(float);
const Kernels<double>& kernels(double);
}  // namespace avx512
#endif

// Memory of this thread's own, at least so many bytes, until the next call.
void* scratch(long bytes);

}  // namespace wellfit
