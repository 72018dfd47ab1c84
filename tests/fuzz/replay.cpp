// SPDX-License-Identifier: Apache-2.0
// Runs a fuzz target over the files it is given, and the files in the directories it is given,
// where there is no libFuzzer: so every corpus is a test of every build.
#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

namespace fs = std::filesystem;

void replay(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw std::ios_base::failure("cannot read " + file.string());
  const std::vector<char> bytes{std::istreambuf_iterator<char>(in), {}};
  // Named before it runs: what crashes is the last name on the screen.
  std::cout << file.filename().string() << std::endl;
  const std::vector<std::uint8_t> data(bytes.begin(), bytes.end());
  LLVMFuzzerTestOneInput(data.data(), data.size());
}

std::size_t replay_all(const fs::path& given) {
  if (!fs::is_directory(given)) {
    replay(given);
    return 1;
  }
  std::size_t count = 0;
  for (const auto& entry : fs::recursive_directory_iterator(given)) {
    if (!entry.is_regular_file()) continue;
    replay(entry.path());
    ++count;
  }
  return count;
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t count = 0;
  try {
    for (int i = 1; i < argc; ++i) count += replay_all(argv[i]);
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
  std::cout << count << " inputs\n";
  if (count == 0) std::cerr << "no inputs: a corpus without a seed tests nothing\n";
  return count == 0 ? 1 : 0;
}
