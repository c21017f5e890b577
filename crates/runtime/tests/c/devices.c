// Routines about devices and their memory on a host without devices, and about interoperability.
#include "check.h"

static void information(void) {
  int host = omp_get_initial_device();
  CHECK(omp_get_num_devices() == 0 && host == 0 && omp_get_device_num() == host && omp_is_initial_device());
  CHECK(!strcmp(omp_get_uid_from_device(host), omp_get_uid_from_device(omp_initial_device)));
  CHECK(omp_get_device_from_uid(omp_get_uid_from_device(host)) == host);
  CHECK(omp_get_device_from_uid("nobody") == omp_invalid_device && omp_get_device_from_uid(NULL) == omp_invalid_device);
  CHECK(omp_get_uid_from_device(1) == NULL && omp_get_uid_from_device(omp_invalid_device) == NULL);
  CHECK(omp_get_max_progress_width(host) == 1 && omp_get_max_progress_width(3) == 0);
  omp_set_device_num_teams(6, host);
  CHECK(omp_get_device_num_teams(omp_initial_device) == 6 && omp_get_max_teams() == 6 && omp_get_device_num_teams(1) == 0);
  omp_set_device_num_teams(9, 1);
  CHECK(omp_get_max_teams() == 6);
  omp_set_device_teams_thread_limit(5, host);
  CHECK(omp_get_device_teams_thread_limit(host) == 5 && omp_get_teams_thread_limit() == 5);
  omp_set_device_teams_thread_limit(0, host);
  omp_set_device_num_teams(0, host);
  omp_set_default_device(omp_initial_device);
  CHECK(omp_get_default_device() == omp_initial_device);
  omp_set_default_device(-70);
  CHECK(omp_get_default_device() == omp_initial_device);
  omp_set_default_device(4);
  CHECK(omp_get_default_device() == 4);
  CHECK(omp_target_alloc(8, omp_default_device) == NULL); // there is no device 4
  omp_set_default_device(0);
  void *memory = omp_target_alloc(8, omp_default_device);
  CHECK(memory != NULL);
  omp_target_free(memory, omp_default_device);
}

static void memory(void) {
  int host = omp_get_initial_device();
  CHECK(omp_target_alloc(16, 1) == NULL && omp_target_alloc(16, omp_invalid_device) == NULL);
  CHECK(omp_target_alloc(0, host) == NULL);
  omp_target_free(NULL, host);
  char *bytes = omp_target_alloc(64, host), copy[64];
  CHECK(bytes && omp_target_memset(bytes, 7, 64, host) == bytes && bytes[0] == 7 && bytes[63] == 7);
  CHECK(omp_target_is_present(bytes, host) && !omp_target_is_present(bytes, 1) && !omp_target_is_present(NULL, host));
  CHECK(omp_target_is_accessible(bytes, 64, host) && !omp_target_is_accessible(bytes, 64, 1));
  CHECK(omp_get_mapped_ptr(bytes, host) == bytes && omp_get_mapped_ptr(bytes, 1) == NULL);
  CHECK(omp_target_associate_ptr(bytes, copy, 64, 0, host) != 0 && omp_target_associate_ptr(bytes, copy, 64, 0, 1) != 0);
  CHECK(omp_target_associate_ptr(bytes, bytes, 64, 0, host) == 0 && omp_target_disassociate_ptr(bytes, host) != 0);
  memset(copy, 0, 64);
  CHECK(omp_target_memcpy(copy, bytes, 10, 4, 20, host, omp_initial_device) == 0);
  CHECK(copy[3] == 0 && copy[4] == 7 && copy[13] == 7 && copy[14] == 0);
  CHECK(omp_target_memcpy(copy, bytes, 10, 0, 0, 1, host) != 0 && omp_target_memcpy(copy, bytes, 10, 0, 0, host, -2) != 0);
  CHECK(omp_target_memcpy(NULL, bytes, 10, 0, 0, host, host) != 0 && omp_target_memcpy(NULL, NULL, 0, 0, 0, host, host) == 0);
  omp_target_free(bytes, host);
}

static void rectangles(void) {
  int host = omp_get_initial_device();
  CHECK(omp_target_memcpy_rect(NULL, NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, host, host) >= 3);
  int from[5][6][7], to[4][8][5];
  for (int i = 0; i < 5 * 6 * 7; i++) (&from[0][0][0])[i] = i;
  size_t volume[] = {2, 3, 4}, to_offsets[] = {1, 2, 0}, from_offsets[] = {3, 1, 2}, to_sizes[] = {4, 8, 5}, from_sizes[] = {5, 6, 7};
  for (int async = 0; async < 2; async++) {
    memset(to, -1, sizeof to);
    if (async) {
      CHECK(omp_target_memcpy_rect_async(to, from, sizeof(int), 3, volume, to_offsets, from_offsets, to_sizes, from_sizes, host,
                                         host, 0, NULL) == 0);
#pragma omp taskwait
    } else {
      CHECK(omp_target_memcpy_rect(to, from, sizeof(int), 3, volume, to_offsets, from_offsets, to_sizes, from_sizes, host, host) == 0);
    }
    for (size_t i = 0; i < 4; i++)
      for (size_t j = 0; j < 8; j++)
        for (size_t k = 0; k < 5; k++) {
          int inside = i >= 1 && i < 3 && j >= 2 && j < 5 && k < 4;
          CHECK(to[i][j][k] == (inside ? from[i + 2][j - 1][k + 2] : -1));
        }
  }
  int line[10] = {0}, source[10] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  size_t four = 4, two = 2, three = 3, ten = 10, none = 0, most = (size_t)-1;
  CHECK(omp_target_memcpy_rect(line, source, sizeof(int), 1, &four, &two, &three, &ten, &ten, host, host) == 0);
  CHECK(line[1] == 0 && line[2] == 3 && line[5] == 6 && line[6] == 0);
  CHECK(omp_target_memcpy_rect(line, source, sizeof(int), 1, &none, &two, &three, &ten, &ten, host, host) == 0);
  // What does not fit, or is no number of dimensions.
  CHECK(omp_target_memcpy_rect(line, source, sizeof(int), 1, &ten, &two, &none, &ten, &ten, host, host) != 0);
  CHECK(omp_target_memcpy_rect(line, source, sizeof(int), 1, &most, &two, &none, &ten, &ten, host, host) != 0);
  CHECK(omp_target_memcpy_rect(line, source, sizeof(int), 0, &four, &two, &three, &ten, &ten, host, host) != 0);
  CHECK(omp_target_memcpy_rect(line, source, 0, 1, &four, &two, &three, &ten, &ten, host, host) != 0);
  CHECK(omp_target_memcpy_rect(line, source, sizeof(int), 1, &four, &two, &three, &ten, &ten, host, 1) != 0);
}

static void asynchronous(void) {
  int host = omp_get_initial_device();
  FOR_SIZES(n)
  for (int repetition = 0; repetition < 20; repetition++) {
    static int a[1000], b[1000], c[1000];
    memset(b, 0, sizeof b);
    memset(c, 0, sizeof c);
#pragma omp parallel num_threads(n)
#pragma omp single
    {
      omp_depend_t writes_b, reads_b, writes_c;
#pragma omp depobj(writes_b) depend(inout : b)
#pragma omp depobj(reads_b) depend(in : b)
#pragma omp depobj(writes_c) depend(out : c)
#pragma omp task depend(out : b)
      for (int i = 0; i < 1000; i++) a[i] = i + repetition;
      CHECK(omp_target_memcpy_async(b, a, sizeof a, 0, 0, host, host, 1, &writes_b) == 0);
      omp_depend_t both[] = {reads_b, writes_c};
      CHECK(omp_target_memcpy_async(c, b, sizeof a, 0, 0, host, host, 2, both) == 0);
#pragma omp task depend(in : c)
      for (int i = 0; i < 1000; i++) CHECK(c[i] == i + repetition);
      CHECK(omp_target_memset_async(b, 1, sizeof b, host, 1, &writes_b) == b);
#pragma omp taskwait
      CHECK(b[0] == 0x01010101 && b[999] == 0x01010101);
      CHECK(omp_target_memcpy_async(b, a, sizeof a, 0, 0, 1, host, 0, NULL) != 0);
#pragma omp depobj(writes_b) destroy
#pragma omp depobj(reads_b) destroy
#pragma omp depobj(writes_c) destroy
    }
  }
}

static void interoperability(void) {
  CHECK(omp_get_num_interop_properties(omp_interop_none) == 0);
  int code = 9;
  CHECK(omp_get_interop_int(omp_interop_none, omp_ipr_device_num, &code) == 0 && code == omp_irc_empty);
  CHECK(omp_get_interop_ptr(omp_interop_none, omp_ipr_targetsync, &code) == NULL && code == omp_irc_empty);
  CHECK(omp_get_interop_str(omp_interop_none, omp_ipr_fr_name, &code) == NULL && code == omp_irc_empty);
  CHECK(omp_get_interop_int(omp_interop_none, (omp_interop_property_t)(omp_ipr_first - 1), &code) == 0 && code == omp_irc_out_of_range);
  CHECK(omp_get_interop_int(omp_interop_none, (omp_interop_property_t)0, &code) == 0 && code == omp_irc_out_of_range);
  CHECK(omp_get_interop_int(omp_interop_none, omp_ipr_vendor, NULL) == 0);
  static const char *names[] = {"fr_id", "fr_name", "vendor", "vendor_name", "device_num", "platform", "device", "device_context", "targetsync"};
  for (int property = omp_ipr_fr_id; property >= omp_ipr_first; property--) {
    CHECK(!strcmp(omp_get_interop_name(omp_interop_none, (omp_interop_property_t)property), names[-1 - property]));
    CHECK(omp_get_interop_type_desc(omp_interop_none, (omp_interop_property_t)property) == NULL);
  }
  CHECK(omp_get_interop_name(omp_interop_none, (omp_interop_property_t)-10) == NULL);
  for (int rc = omp_irc_other; rc <= omp_irc_no_value; rc++)
    CHECK(strlen(omp_get_interop_rc_desc(omp_interop_none, (omp_interop_rc_t)rc)) > 5);
  CHECK(omp_get_interop_rc_desc(omp_interop_none, (omp_interop_rc_t)2) == NULL);
}

static void dimensions(void) {
  CHECK(omp_get_supported_active_league_dims(omp_initial_device, true) == 1 && omp_get_supported_active_team_dims(0, false) == 1);
  CHECK(omp_get_supported_active_team_dims(1, false) == 0 && omp_get_supported_teams_dim(1, 0) == 0);
  CHECK(omp_get_supported_teams_dim(0, 0) > 1 && omp_get_supported_teams_dim(0, 1) == 1);
  CHECK(omp_get_supported_threads_dim(0, 0) > 1 && omp_get_supported_threads_dim(0, 7) == 1);
#pragma omp teams num_teams(3) thread_limit(2)
  {
    CHECK(omp_get_num_teams_dim(0) == 3 && omp_get_team_num_dim(0) == omp_get_team_num() && omp_get_thread_limit_dim(0) == 2);
    CHECK(omp_get_num_teams_dim(1) == 1 && omp_get_team_num_dim(1) == 0 && omp_get_thread_limit_dim(1) == 1);
#pragma omp parallel num_threads(2)
    {
      CHECK(omp_get_num_threads_dim(0) == 2 && omp_get_thread_num_dim(0) == omp_get_thread_num());
      CHECK(omp_get_num_threads_dim(2) == 1 && omp_get_thread_num_dim(2) == 0);
    }
  }
  int devices[] = {omp_initial_device, 0, 1, omp_invalid_device}, distances[4] = {9, 9, 9, 9};
  omp_get_device_distances(4, devices, distances);
  CHECK(distances[0] == 0 && distances[1] == 0 && distances[2] == -1 && distances[3] == -1);
}

int main(void) {
  information();
  dimensions();
  memory();
  rectangles();
  asynchronous();
  interoperability();
  return 0;
}
