// What is computed, as plain numbers and pointers: no type of a library is seen by code compiled for one processor.
#pragma once

#include <cstdint>

namespace wellfit {

enum : int { MOST_LAYERS = 32, MOST_TABLES = 60, MOST_ARRAYS = 2 * MOST_LAYERS + 4 + MOST_TABLES };

enum Activation : int { IDENTITY, RELU, SIGMOID, TANH, LEAKY_RELU, ELU, SELU, SILU, GELU, GELU_TANH, MISH, SOFTPLUS };
enum Loss : int { LOGISTIC, SOFTMAX, SQUARED, POISSON, NEGATIVE_BINOMIAL, LAPLACE, STUDENT_T, LOG_COSH, HUBER, PSEUDO_HUBER, QUANTILE };
enum Method : int { ADAM, CLASSIC_ADAM, PLAIN, MOMENTUM, NESTEROV, CLASSIC_MOMENTUM, CLASSIC_NESTEROV, RMSPROP, ADAGRAD, AMSGRAD };
enum Score : int { NONE, ACCURACY, R2 };
enum Kind : int {
  GATHER, WAVES, ENTER, FORWARD, FORWARD_AFTER, LOSS, BACKWARD_AFTER, BACKWARD, ENTER_BACK, LEARN, DESCENT, PARTS,
  MEASURE, CLIP, UPDATE, BOUND
};

struct Phase {
  Kind kind;
  int layer;
};
enum : int { MOST_PASSES = 4 * MOST_LAYERS + 6, MOST_ENDS = 4 };

// What a row becomes before the first layer: its numbers, mixtures of waves of some of them, and its codes of categories as
// indicators or as learnt vectors, one beside the other.
struct Entrance {
  long numbers;                     // columns of x
  long waves;                       // columns that have waves
  long frequencies, mixtures;       // waves of each, and mixtures of them
  long codes;                       // columns of codes
  const std::int32_t* columns;      // (waves,) which
  const std::int32_t *levels, *width;  // (codes,) a width of 0 is an indicator
  const std::int32_t* code;         // (n, codes)
  int first;                        // the first of its arrays among all: frequency, phase, embedding, bias, then the tables
  long learnt, learnt_end;          // columns of what comes out that parameters decide, from the first to the last
  int noise, dropout;               // of what comes out: the column of its deviation, or rate, in the table, or -1
  std::uint32_t noise_stream, dropout_stream;
};

// A chain of dense layers y_l = act(y_{l-1} W_l + b_l), y_0 = x, for some rows, forward and backward.
template <typename Real>
struct Chain {
  long rows;
  int layers;
  int threads;                      // how finely the work is cut up; no bit of any result depends on it
  unsigned rectified;               // bit l: act is max(0, .) after layer l
  bool sparse;                      // whether most of x is 0
  bool paired;                      // whether two rows may go through a product together (sparse_products.inc)
  long width[MOST_LAYERS + 1];      // of x, y_1, ...
  const Real* x;
  const Real* w[MOST_LAYERS];
  const Real* b[MOST_LAYERS];
  Real* y[MOST_LAYERS];
  Real* d[MOST_LAYERS];             // gradients of what the activations are applied to
  long d_line[MOST_LAYERS];         // how far their rows lie apart
  Real* slope[MOST_LAYERS];         // of what follows layer l, where it is no rectifier
  Real factor[MOST_LAYERS];         // of the gradient through what follows layer l
  long learnt, learnt_end;          // columns of x that have a gradient
  Real* dx;                         // (rows, learnt_end - learnt)
  Real* g[MOST_ARRAYS];             // gradients: of w_l at 2 l, of b_l at 2 l + 1, then of the entrance's arrays; or null
};

// Numbers of a table to be scaled, and where they go; lines lie so many numbers apart.
struct Scaling {
  const void* x;
  void* out;
  bool x_doubles;
  long rows, columns, x_line, out_line;
  const double *centre, *factor;    // (columns,)
  double clip;                      // 0 for none
};

// Numbers of a table of which the least and the largest of each column are asked; all are Real.
struct Extremes {
  const void* x;
  long rows, columns, line;
  void *low, *high;                 // (columns,)
};

// Some steps of training: rows in a given order, a chain of dense layers, a loss, a method of descent.
template <typename Real>
struct Steps {
  // the structure
  int layers;
  long width[MOST_LAYERS + 1];
  int activation[MOST_LAYERS];      // after each layer but the last
  int dropout[MOST_LAYERS];         // the column of its rate in the table, or -1
  std::uint32_t stream[MOST_LAYERS];  // of its noise
  Entrance entrance;
  Loss loss;
  Method method;
  bool classic;                     // scikit-learn's rule for what a batch is divided by and what is reported
  long batch;

  // the rows
  const Real *x, *w;
  const std::int32_t *places, *starts;  // where x is sparse: row r has the numbers from starts[r] on, in these columns
  Scaling scaling;                  // of rows as they are gathered, where there are centres
  const void* y;                    // class numbers (int32) for SOFTMAX, Real (n, targets) else
  const Real* known;                // of each row's loss what no parameter changes, or null
  bool sparse;                      // whether most of what enters the first layer is 0
  const std::int32_t* order;        // of this epoch
  long n;
  const std::int32_t* held;         // rows that are held out
  long held_n;
  Score score;                      // of them, beside their loss

  // the numbers
  long within, step, count;
  std::uint32_t seed;
  Real beta1, beta2, epsilon;       // of Adam's means, or the momentum first
  Real each, total, averaged;
  // of the loss: what is added for a row, 1 / scale of the noise, a number of its own (of classes: their smoothing)
  Real constant, inverse, shape;
  const Real* level;                // of quantiles
  long levels;
  bool scaled;                      // whether each target's scale is learnt, too
  Real most_value, most_norm;       // of the gradient's numbers, and of all of them together; infinite for none
  const Real* most;                 // (arrays,) norm of the weights that enter a unit; infinite for none
  const Real* lasso;                // (arrays,) strength of the L1 prior; below 0 for none
  const Real* cosine;               // cos 2 pi r as a polynomial of r^2
  const Real* ridge;                // of each array

  // what changes: weights and biases of each layer, then the entrance's
  int arrays;
  long size[MOST_ARRAYS];
  bool penalised[MOST_ARRAYS];      // whether priors and decay apply to it
  Real *p[MOST_ARRAYS];
  // what the method remembers: means or velocities, means or sums of squares, the largest of them; or null
  Real *m[MOST_ARRAYS], *v[MOST_ARRAYS], *u[MOST_ARRAYS];
  Real loss_sum, weight_sum;
  bool bad;

  // what follows from the structure
  Phase passes[MOST_PASSES];        // through the network and back, one after another
  int count_of_passes, forward_passes;
  Phase ends[MOST_ENDS];            // after them, once the gradient is there
  int count_of_ends;
  bool kept;                        // whether the gradient is kept until all of it is there
  int parts;                        // into how many the rows of a batch are divided, each with its own gradient
  long most_rows;                   // that go through the network at once

  // the present step, or the present block of rows held out
  bool judging;                     // no step: rows pass without noise
  bool settling;                    // and back, for the gradient on all of them
  int threads;
  bool gives_up;                    // lines of weights that another core may have, before they change
  mutable long changing;            // nanoseconds that it took to change weights, in all threads
  const std::int32_t* rows;         // their numbers
  Chain<Real> part[2];
  long first[2];                    // its first row in the batch
  Real lost[2];
  Real *inputs, *weights;
  Real divisor, batch_weight;
  Real factor1, factor2;            // of Adam's means
  Real* squares[MOST_ARRAYS];       // sums of squares of each array's pieces or tiles
  Real* extents[MOST_ARRAYS];       // of each piece of the gradient: its largest number, and the sum of squares in that unit
  bool clipped;                     // then what is used of a gradient is (g / root / root) share
  Real root, share;
  Real* whole[MOST_ARRAYS];         // the gradient on all rows
  const Real* now;                  // of this step: learning rate, decoupled decay, rates of dropout
  Real shrink;                      // of the learning rate

  // sums over rows held out
  Real held_loss, held_weight, right;
  Real *centre, *left, *there;      // of each output: mean of the targets, squares left, squares there
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
  void (*begin_block)(Steps<Real>& steps, long first);    // of rows held out, from this one on
  void (*end_block)(Steps<Real>& steps);
  void (*begin_zeros)(Steps<Real>& steps, long first);    // of all training rows, a batch from this one on
  void (*end_zeros)(Steps<Real>& steps);
  void (*settle)(Steps<Real>& steps);                     // after all of them
  void (*shuffle)(const std::int32_t* rows, long n, std::uint32_t seed, std::int32_t* into);
  std::uint32_t (*fold)(std::uint32_t seed, std::uint32_t number);  // another stream of noise
  void (*scale)(const Scaling& scaling);                  // of a table
  void (*extremes)(const Extremes& extremes);             // of its columns
};

enum : long { BLOCK = 128 };        // rows held out that go forward at once

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

// Memory of this thread's own, at least so many bytes, until the next call for the same use.
enum Use : int { PANELS, TILES, USES };
void* scratch(Use use, long bytes);

long nanoseconds();

}  // namespace wellfit
