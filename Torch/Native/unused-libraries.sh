#!/usr/bin/env bash
# unused-libraries.sh LIBTORCH_CPU FOLDER: stands in for the libraries that libtorch names and never calls.
#
# Debian's libtorch_cpu is linked to OpenCV and FFmpeg for image and video operators that it was built without. It uses no symbol of either, but
# the dynamic linker maps and relocates them and some 220 libraries behind them at each start: about half of libtorch's loading time. An
# empty library of the same name, loaded first, satisfies the linker. FOLDER gets one for each name, and libhybridunused.so that loads them all.
# Whether libtorch still finds every symbol is tried here; if it does not, or where nothing is unused, FOLDER stays empty.
set -euo pipefail
libtorch=$1
folder=$2
rm -rf "$folder"
mkdir -p "$folder"
names=$(readelf -d "$libtorch" | sed -n 's/.*(NEEDED).*\[\(lib\(opencv_[a-z0-9_]*\|avcodec\|avformat\|avutil\|swscale\|swresample\)\.so[.0-9]*\)\].*/\1/p')
if [ -n "$names" ]; then
  for name in $names; do
    echo | g++ -x c - -shared -nostdlib -s -Wl,-z,noseparate-code -Wl,--build-id=none -Wl,-soname,"$name" -o "$folder/$name"
  done
  if missing=$(LD_LIBRARY_PATH="$folder${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" ldd -r "$libtorch" 2>&1) && ! grep -q 'undefined symbol\|not found' <<< "$missing"; then
    # shellcheck disable=SC2046 # library names hold no spaces
    echo | g++ -x c - -x none -shared -nostdlib -s -Wl,-z,noseparate-code -Wl,--build-id=none -Wl,-soname,libhybridunused.so -Wl,--no-as-needed $(printf "$folder/%s " $names) -Wl,-rpath,'$ORIGIN' -o "$folder/libhybridunused.so"
  else
    rm -f "$folder"/*.so*
  fi
fi
touch "$folder/.tried"
