// SPDX-License-Identifier: Apache-2.0
//
// SHA-256 (FIPS 180-4), by OpenSSL's libcrypto. Layer `base`; knows no domain.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace permward {

class Sha256 {
 public:
  using Digest = std::array<unsigned char, 32>;

  // Where libcrypto cannot, this and what follows throw `std::bad_alloc`.
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  Sha256& add(std::string_view bytes);
  // The digest of all that was added. Call once; nothing may be added afterwards.
  [[nodiscard]] Digest digest();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

// Lower-case hexadecimal, 64 characters.
[[nodiscard]] std::string hex(const Sha256::Digest& digest);
// The digest that 64 hexadecimal digits write, of either case; nothing for any other text.
[[nodiscard]] std::optional<Sha256::Digest> digest_of_hex(std::string_view text);
[[nodiscard]] std::string sha256_hex(std::string_view bytes);

}  // namespace permward
