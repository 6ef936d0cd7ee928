using Hybrid.Torch;

namespace TorchSharp;

public static partial class torch
{
    // Forms of linear algebra that TorchSharp adds to libtorch's.
    public static partial class linalg
    {
        public enum QRMode
        {
            Reduced = 0,
            Complete = 1,
            R = 2,
        }

        /// <summary>Eigenvalues, ascending, and eigenvectors of a symmetric or Hermitian matrix, of which only one triangle is read.</summary>
        /// <param name="UPLO">'L' or 'U'.</param>
        public static (Tensor, Tensor) eigh(Tensor input, char UPLO = 'L') => RawOperations.linalg_eigh(input, UPLO.ToString());

        public static Tensor eigvalsh(Tensor input, char UPLO = 'L') => RawOperations.linalg_eigvalsh(input, UPLO.ToString());

        public static (Tensor Q, Tensor R) qr(Tensor input, QRMode mode = QRMode.Reduced) =>
            RawOperations.linalg_qr(input, mode switch { QRMode.Complete => "complete", QRMode.R => "r", _ => "reduced" });

        public static Tensor norm(Tensor input, int ord, long[]? dims = null, bool keepdim = false) => RawOperations.linalg_norm(input, ord, dims, keepdim, null);

        public static Tensor norm(Tensor input, long[]? dims = null, bool keepdim = false) => RawOperations.linalg_norm(input, null, dims, keepdim, null);

        public static Tensor cond(Tensor input, int p) => RawOperations.linalg_cond(input, p);
    }
}
